/**
 * The replica: an Internet Computer in a value, as a program sees it. Messages go in, rounds run,
 * answers come out. Nothing happens by itself: time, randomness and the host are given, and no
 * round runs unless `executeRound` is called.
 *
 * @example
 * const replica = new Replica({ host: nodeHost, seed: Uint8Array.of(1) });
 * const submitted = replica.submit({ sender, canisterId, method: 'greet', argument });
 * replica.executeRound();
 *
 * Source: IC interface specification, "Abstract behavior".
 */
import type { Principal } from '@dfinity/principal';

import type { Canister } from './canister.js';
import type { Path } from './certification/hash-tree.js';
import { Clock, DEFAULT_TIME } from './clock.js';
import { hex } from './hex.js';
import type { Host } from './host.js';
import { chargeIngress, fitsIngress, refuseIngress, type IngressCall } from './ingress.js';
import { INSTRUCTION_LIMITS, type InstructionLimits } from './instruction-limits.js';
import { addIngress, type IngressMessage } from './ingress-history.js';
import {
  executeManagementQuery,
  refuseManagementIngress,
} from './management/management-canister.js';
import { answerOutcall, type Outcall, type OutcallAnswer } from './outcalls.js';
import { MANAGEMENT_CANISTER, samePrincipal } from './principals.js';
import { executeQuery } from './queries.js';
import { countQueries, type QueryCount } from './query-stats.js';
import { Randomness } from './randomness.js';
import type { Rejection, Response } from './rejection.js';
import { executeRound } from './round.js';
import { ReplicaState, type StateValues } from './state.js';
import { StableMemory } from './stable-memory.js';
import { addSystemCanisters } from './system-canisters/system-canisters.js';
import {
  defaultSubnet,
  makeSubnets,
  type Subnet,
  type SubnetKind,
  type SubnetSpec,
} from './topology.js';
import type { Watcher } from './watch.js';

export interface ReplicaOptions {
  readonly host: Host;
  /** Everything random comes from it. */
  readonly seed: Uint8Array;
  /** In nanoseconds since 1970. */
  readonly time?: bigint;
  /** Whether the ledgers and the cycles minting canister are there; by default they are not. */
  readonly systemCanisters?: boolean;
  /** A bare kind stands for a subnet of that kind with the usual settings. */
  readonly subnets?: readonly (SubnetSpec | SubnetKind)[];
  /** Hears what canisters print. */
  readonly print?: (canisterId: Principal, line: Uint8Array) => void;
  /** Goes on where the replica stood that gave these values; its seed must be the same. */
  readonly values?: StateValues;
  /** Other limits than the usual ones, for instance small ones in tests. */
  readonly instructionLimits?: Partial<InstructionLimits>;
}

export type Submitted =
  | { readonly kind: 'accepted'; readonly messageId: string }
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  /** The message is no message at all, for instance too large. */
  | { readonly kind: 'malformed'; readonly reason: string };

export class Replica {
  readonly #state: ReplicaState;

  constructor(options: ReplicaOptions) {
    const { host, seed, time = DEFAULT_TIME, subnets = ['Application'] } = options;
    const { print, instructionLimits } = options;
    this.#state = new ReplicaState(
      host,
      new Clock(time),
      new Randomness(host, seed),
      makeSubnets(host, seed, subnets),
      print ?? (() => undefined),
      { ...INSTRUCTION_LIMITS, ...instructionLimits },
    );
    if (options.systemCanisters === true) addSystemCanisters(this.#state);
    if (options.values !== undefined) this.#state.restore(options.values);
  }

  get clock(): Clock {
    return this.#state.clock;
  }

  /** The watcher hears of every message, queries and inspections included, until it is let go. */
  watch(watcher: Watcher): () => void {
    const { watchers } = this.#state;
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }

  /** All that changes in the replica. They are the replica's own: only to be read. */
  values(): StateValues {
    return this.#state.values();
  }

  get subnets(): readonly Subnet[] {
    return this.#state.subnets;
  }

  get defaultSubnet(): Subnet {
    return defaultSubnet(this.#state.subnets);
  }

  /** Checks an update call and queues it for the next round. */
  submit(call: IngressCall): Submitted {
    if (!fitsIngress(call.argument)) {
      const reason = `the argument of ${call.argument.length} bytes exceeds the limit of 2 MiB`;
      return { kind: 'malformed', reason };
    }
    const id = call.messageId ?? this.#state.randomness.next();
    const messageId = hex(id);
    // A message that came before is not carried out again: whoever asks finds the answer of then.
    if (this.ingress(messageId) !== undefined) return { kind: 'accepted', messageId };
    const forManagement = isManagement(call.canisterId);
    const rejection = forManagement
      ? refuseManagementIngress(this.#state, call)
      : refuseIngress(this.#state, call);
    if (rejection !== undefined) return { kind: 'refused', rejection };
    chargeIngress(this.#state, call);
    const subnet = forManagement ? this.#executingSubnet(call) : this.subnetOf(call.canisterId);
    addIngress(this.#state.ingressHistory, {
      id,
      sender: call.sender,
      receiver: call.canisterId,
      effectiveId: call.effectiveId,
      subnetId: subnet.id,
      expiry: call.expiry,
    });
    this.#state.queue.push({
      kind: 'call',
      call: {
        origin: { kind: 'ingress', messageId, callerInfo: call.callerInfo },
        caller: call.sender,
        callee: call.canisterId,
        method: call.method,
        argument: call.argument,
        cycles: 0n,
        subnetId: subnet.id,
      },
    });
    return { kind: 'accepted', messageId };
  }

  /** An update call and what became of it; undefined where there was none, or long ago. */
  ingress(messageId: string): IngressMessage | undefined {
    return this.#state.ingressHistory.messages.get(messageId);
  }

  #executingSubnet({ subnetId }: IngressCall): Subnet {
    const named = this.subnets.find(({ id }) => subnetId && samePrincipal(id, subnetId));
    return named ?? this.defaultSubnet;
  }

  executeRound(): void {
    this.countQueries(this.takeUncountedQueries());
    executeRound(this.#state);
  }

  /** What queries have asked for since the last round. Whoever takes it has to have it counted. */
  takeUncountedQueries(): readonly QueryCount[] {
    return this.#state.uncountedQueries.splice(0);
  }

  /** Adds queries to the statistics of their canisters. */
  countQueries(counts: readonly QueryCount[]): void {
    countQueries(this.#state, counts);
  }

  /** Sets the time of the next round. False, and nothing happens, where that lies in the past. */
  setTime(time: bigint): boolean {
    return this.clock.set(time);
  }

  /** Sets the time at once, also for queries. */
  setCertifiedTime(time: bigint): boolean {
    return this.clock.setCertified(time);
  }

  query(call: IngressCall): Response {
    const execute = isManagement(call.canisterId) ? executeManagementQuery : executeQuery;
    return execute(this.#state, call);
  }

  /** The HTTPS outcalls that wait for an answer, in the order in which they were made. */
  pendingOutcalls(): readonly Outcall[] {
    return [...this.#state.outcalls.values()];
  }

  /**
   * Answers an outcall; the canister hears of it in the next round. False where there is none. More
   * than one answer are those of the single nodes, which have to agree.
   */
  answerOutcall(id: number, answer: OutcallAnswer, ...others: OutcallAnswer[]): boolean {
    return answerOutcall(this.#state, id, [answer, ...others]);
  }

  canister(id: Principal): Canister | undefined {
    return this.#state.canister(id);
  }

  canisters(): readonly Canister[] {
    return this.#state.canisters();
  }

  subnetOf(id: Principal): Subnet {
    return this.#state.subnetOf(id);
  }

  get host(): Host {
    return this.#state.host;
  }

  /** The key that vouches for everything that this replica certifies, in its DER form. */
  get rootKey(): Uint8Array {
    return this.#state.rootKey();
  }

  /** A certificate of what these paths hold in the state of a subnet, in its encoding. */
  certify(subnet: Subnet, paths: readonly Path[]): Uint8Array {
    return this.#state.certifier.certify(subnet, paths);
  }

  /** Gives cycles to a canister out of nothing; the new balance, undefined without a canister. */
  addCycles(id: Principal, amount: bigint): bigint | undefined {
    const canister = this.canister(id);
    if (canister === undefined) return undefined;
    const cycles = canister.cycles + amount;
    this.#state.put({ ...canister, cycles });
    return cycles;
  }

  /** Replaces the stable memory of a canister with code; false where there is none. */
  setStableMemory(id: Principal, bytes: Uint8Array): boolean {
    const canister = this.canister(id);
    if (canister?.code === undefined) return false;
    const code = { ...canister.code, stable: StableMemory.fromBytes(bytes) };
    this.#state.put({ ...canister, code });
    return true;
  }
}

function isManagement(id: Principal): boolean {
  return samePrincipal(id, MANAGEMENT_CANISTER);
}
