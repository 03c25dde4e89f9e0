/**
 * The embedded replica: canisters run, and clients of PocketIC are served, by npm alone.
 *
 * {@link startReplica} is all that a test suite needs. {@link Replica} is the model itself, for
 * programs that want to drive it without HTTP.
 */
export { nodeHost } from './host/node-host.js';
export type { Host } from './host.js';
export { Replica, type ReplicaOptions, type Submitted } from './replica.js';
export type { Canister, CanisterSettings, InstalledCode } from './canister.js';
export type { IngressCall } from './ingress.js';
export { INSTRUCTION_LIMITS, type InstructionLimits } from './instruction-limits.js';
export type { HttpHeader, Outcall, OutcallAnswer, OutcallRequest } from './outcalls.js';
export { ErrorCode, RejectCode, type Rejection, type Response } from './rejection.js';
export { StableMemory } from './stable-memory.js';
export type { CostSchedule, Subnet, SubnetKind, SubnetSpec } from './topology.js';
export { startReplica, type ReplicaServer, type ServerOptions } from './server/replica-server.js';
