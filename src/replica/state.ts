/**
 * The state of a replica: its canisters, the calls and responses under way, and the ingress
 * messages with their answers. This is the one place that holds values by name and replaces them;
 * the rules that make new values out of old ones live in the files around it.
 *
 * Source: IC interface specification, "Abstract behavior", the system state.
 */
import type { Principal } from '@dfinity/principal';

import type { Call, CallContext, CallOrigin, Delivery, Origin } from './call-context.js';
import type { Canister } from './canister.js';
import { Certifier } from './certification/certifier.js';
import type { Clock } from './clock.js';
import type { Host } from './host.js';
import { INSTRUCTION_LIMITS, limitsOn, type InstructionLimits } from './instruction-limits.js';
import { emptyHistory } from './ingress-history.js';
import type { Outcall } from './outcalls.js';
import { keyOf, samePrincipal } from './principals.js';
import type { QueryCount } from './query-stats.js';
import type { Randomness } from './randomness.js';
import type { SubnetUsage } from './subnet-usage.js';
import type { SystemCanisterState } from './system-canisters/system-state.js';
import { canisterIdOf, defaultSubnet, rootSubnet, subnetOf, type Subnet } from './topology.js';
import { watchAll, type Watcher } from './watch.js';

/** What waits in the queue of a round. */
export type QueuedMessage =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'response'; readonly delivery: Delivery };

/** A `stop_canister` that waits for the canister's calls to end. */
export interface PendingStop {
  readonly origin: Origin;
  /** In nanoseconds since 1970. */
  readonly since: bigint;
  readonly cycles: bigint;
}

/** What a state is given when it is made, and gets again when it is brought back; or needs not. */
const GIVEN: ReadonlySet<string> = new Set([
  'host',
  'subnets',
  'print',
  'watchers',
  'watch',
  'certifier',
  'uncountedQueries',
  'instructionLimits',
]);

/** All that changes in a state, by the names of its fields: what a checkpoint keeps. */
export type StateValues = Readonly<Record<string, unknown>>;

/** INVARIANT: no field is hidden from `values`, so none is private by `#`. */
export class ReplicaState {
  readonly watchers = new Set<Watcher>();
  readonly watch = watchAll(this.watchers);
  readonly certifier: Certifier;
  /** What queries asked for since the last round; no part of the state, see `query-stats.ts`. */
  readonly uncountedQueries: QueryCount[] = [];
  readonly queue: QueuedMessage[] = [];
  readonly contexts = new Map<number, CallContext>();
  readonly pendingStops = new Map<string, PendingStop[]>();
  readonly outcalls = new Map<number, Outcall>();
  /** The calls that do not wait for ever, by their ids. */
  readonly boundedCalls = new Map<number, CallOrigin>();
  /** What the system canisters remember; undefined in a replica without them. */
  system: SystemCanisterState | undefined;
  readonly ingressHistory = emptyHistory();
  readonly usageBySubnet = new Map<string, SubnetUsage>();
  private readonly canistersByKey = new Map<string, Canister>();
  private readonly callCounts = new Map<string, number>();
  private readonly nextIndices = new Map<string, bigint>();
  private nextContextId = 0;
  private nextOutcallId = 0;
  private nextCallId = 0;

  constructor(
    readonly host: Host,
    readonly clock: Clock,
    readonly randomness: Randomness,
    readonly subnets: readonly Subnet[],
    /** Hears what canisters print. */
    readonly print: (canisterId: Principal, line: Uint8Array) => void,
    readonly instructionLimits: InstructionLimits = INSTRUCTION_LIMITS,
  ) {
    this.certifier = new Certifier(this);
  }

  values(): StateValues {
    return Object.fromEntries(Object.entries(this).filter(([name]) => !GIVEN.has(name)));
  }

  /** Takes over what `values` gave. */
  restore(values: StateValues): void {
    Object.assign(this, values);
  }

  canister(id: Principal): Canister | undefined {
    return this.canistersByKey.get(keyOf(id));
  }

  canisters(): readonly Canister[] {
    return [...this.canistersByKey.values()];
  }

  put(canister: Canister): void {
    this.canistersByKey.set(keyOf(canister.id), canister);
  }

  remove(id: Principal): void {
    this.canistersByKey.delete(keyOf(id));
  }

  /** The key that vouches for everything that is certified here, in its DER form. */
  rootKey(): Uint8Array {
    return rootSubnet(this.subnets).publicKey;
  }

  /** A canister outside of all ranges was created with an id of the user's choice: adopted. */
  subnetOf(id: Principal): Subnet {
    return this.hostingSubnet(id) ?? defaultSubnet(this.subnets);
  }

  instructionLimitsOf(id: Principal): InstructionLimits {
    return limitsOn(this.subnetOf(id).instructionConfig, this.instructionLimits);
  }

  /** The subnet in whose range the id is. */
  hostingSubnet(id: Principal): Subnet | undefined {
    return subnetOf(this.subnets, id);
  }

  /** A canister id that was never used; undefined where the subnet has given out all it has. */
  freshCanisterId(subnet: Subnet): Principal | undefined {
    let index = this.nextIndices.get(keyOf(subnet.id)) ?? subnet.firstIndex;
    while (this.canister(canisterIdOf(index)) !== undefined) index++;
    this.nextIndices.set(keyOf(subnet.id), index + 1n);
    return index <= subnet.lastIndex ? canisterIdOf(index) : undefined;
  }

  addOutcall(outcall: Omit<Outcall, 'id'>): void {
    const id = this.nextOutcallId++;
    this.outcalls.set(id, { ...outcall, id });
  }

  freshCallId(): number {
    return this.nextCallId++;
  }

  /** Notes that a call has ended; false where its caller has stopped waiting before. */
  stopWaiting({ callId, deadline }: CallOrigin): boolean {
    return deadline === 0n || this.boundedCalls.delete(callId);
  }

  freshContextId(): number {
    return this.nextContextId++;
  }

  contextsOf(canisterId: Principal): CallContext[] {
    return [...this.contexts.values()].filter((one) => samePrincipal(one.canisterId, canisterId));
  }

  callsUnderWay(caller: Principal, callee: Principal): number {
    return this.callCounts.get(route(caller, callee)) ?? 0;
  }

  /** Counts a call that begins (1) or ends (-1). */
  countCall(caller: Principal, callee: Principal, change: 1 | -1): void {
    const count = this.callsUnderWay(caller, callee) + change;
    if (count === 0) this.callCounts.delete(route(caller, callee));
    else this.callCounts.set(route(caller, callee), count);
  }
}

function route(caller: Principal, callee: Principal): string {
  return `${keyOf(caller)}:${keyOf(callee)}`;
}
