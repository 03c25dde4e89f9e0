/**
 * Queries: answered at once, and nothing that they did remains.
 *
 * A query runs on the canister itself and is rolled back. A composite query calls other queries and
 * goes on when they have answered, so it has to keep what it did in between, while the canister may
 * be called again below it: it runs on a fork of the canister, which is dropped in the end.
 *
 *     query            one message, no calls
 *     composite query  a message, then for each call, in order: the callee, then a callback
 *
 * A tree of queries may be 6 calls deep and use 5 billion instructions in all. The real system also
 * ends it after 10 seconds; this one has no clock.
 *
 * Source: IC interface specification, "Query call"; specs/replica.md sections 4.2 and 4.3.
 */
import type { Principal } from '@dfinity/principal';

import type { Callback, CallerInfo, Closure } from './call-context.js';
import { callable } from './calls.js';
import { exported, ExportName, type EntryPoint, type Mode } from './entry-point.js';
import { applied, execute, type Executed } from './execution.js';
import { feesOf, freezingThreshold } from './fees.js';
import type { MessageInput, OutgoingCall } from './message-execution.js';
import { executeManagementQuery } from './management/management-canister.js';
import { failureOf, messageInput, tableEntry, type Callable } from './messages.js';
import { MANAGEMENT_CANISTER, samePrincipal } from './principals.js';
import { noteQuery } from './query-stats.js';
import { ErrorCode, heard, rejection, type Rejection, type Response } from './rejection.js';
import type { ReplicaState } from './state.js';
import { isSystemCanister, querySystemCanister } from './system-canisters/system-canisters.js';
import { canisterError, withCleanupFailure } from './trap.js';

const DEPTH_MAX = 6;
/** What each call in a tree costs besides its own instructions. */
const CALL_OVERHEAD = 50_000_000n;

export interface QueryCall {
  readonly sender: Principal;
  readonly canisterId: Principal;
  readonly method: string;
  readonly argument: Uint8Array;
  readonly callerInfo?: CallerInfo | undefined;
}

/** A canister in the middle of a composite query: a fork, with what it has done so far. */
interface Node {
  target: Callable;
  readonly caller: Principal;
  readonly depth: number;
  /** Calls that were performed and not evaluated yet. */
  readonly calls: OutgoingCall[];
  counter: bigint;
  failure: Rejection | undefined;
}

/** Answers a query; in mode TQ, the one by which a canister transforms what an outcall brought. */
export function executeQuery(
  state: ReplicaState,
  call: QueryCall,
  mode: 'NRQ' | 'TQ' = 'NRQ',
): Response {
  return new QueryTree(state, call.canisterId).root(call, mode);
}

class QueryTree {
  #instructionsLeft: bigint;
  /** Why the tree as a whole has failed; its root is then answered by it. */
  #failure: Rejection | undefined;

  constructor(
    readonly state: ReplicaState,
    root: Principal,
  ) {
    this.#instructionsLeft = state.instructionLimitsOf(root).queryTree;
  }

  root(call: QueryCall, mode: 'NRQ' | 'TQ'): Response {
    const response = this.#query(call, mode, 0);
    return this.#failure === undefined ? response : refuse(this.#failure);
  }

  #query(call: QueryCall, mode: 'NRQ' | 'TQ', depth: number): Response {
    if (isSystemCanister(this.state, call.canisterId)) return querySystemCanister(this.state, call);
    const target = queryable(this.state, call.canisterId);
    if ('errorCode' in target) return refuse(target);
    const found = queryEntry(target, call.method, mode);
    if ('errorCode' in found) return refuse(found);
    const instructionsBefore = this.#instructionsLeft;
    const response =
      found.mode === 'CQ'
        ? this.#composite(target, call, found.entry, depth)
        : this.#simple(target, call, found.entry, found.mode);
    if (mode === 'NRQ') {
      noteQuery(this.state, call, response, instructionsBefore - this.#instructionsLeft);
    }
    return response;
  }

  #simple(target: Callable, call: QueryCall, entry: EntryPoint, mode: Mode): Response {
    const executed = this.#execute(target, entry, this.#input(call, mode));
    target.code.instance.rollback();
    return answerOf(target, executed) ?? refuse(didNotReply(target));
  }

  #composite(target: Callable, call: QueryCall, entry: EntryPoint, depth: number): Response {
    const fork = { ...target.code, instance: target.code.instance.fork() };
    const caller = call.sender;
    const forked = { canister: { ...target.canister, code: fork }, code: fork };
    const calls: OutgoingCall[] = [];
    const node: Node = { target: forked, caller, depth, calls, counter: 0n, failure: undefined };
    const executed = this.#step(node, entry, this.#input(call, 'CQ'));
    let response = answerOf(node.target, executed);
    while (response === undefined) {
      const next = node.calls.shift();
      if (next === undefined) return refuse(node.failure ?? didNotReply(node.target));
      if (!this.#mayGoOn(depth)) return refuse(this.#failure!);
      const answer = this.#call(node, next);
      if (this.#failure !== undefined) return answer;
      response = this.#callBack(node, next.callback, answer);
    }
    return response;
  }

  #mayGoOn(depth: number): boolean {
    if (depth >= DEPTH_MAX) {
      const text = 'Composite query calls exceeded the maximum call depth.';
      this.#failure = rejection(ErrorCode.queryTreeTooDeep, text);
    } else if (this.#instructionsLeft <= 0n) {
      const text = 'Composite query calls exceeded the instruction limit.';
      this.#failure = rejection(ErrorCode.queryTreeInstructionLimit, text);
    }
    return this.#failure === undefined;
  }

  /** Evaluates one call of a node. There are no queries across subnets. */
  #call({ target, depth }: Node, { callee, method, argument }: OutgoingCall): Response {
    const sender = target.canister.id;
    this.#instructionsLeft -= CALL_OVERHEAD;
    if (samePrincipal(callee, MANAGEMENT_CANISTER)) {
      const { id: subnetId } = this.state.subnetOf(sender);
      return executeManagementQuery(this.state, { sender, method, argument, subnetId });
    }
    if (!samePrincipal(this.state.subnetOf(sender).id, this.state.subnetOf(callee).id)) {
      const text = `Canister ${callee.toText()} not found`;
      return refuse(rejection(ErrorCode.canisterNotFound, text));
    }
    return this.#query({ sender, canisterId: callee, method, argument }, 'NRQ', depth + 1);
  }

  /** Runs the callback and, if it traps, the cleanup; undefined where the query is not done. */
  #callBack(node: Node, callback: Callback, answer: Response): Response | undefined {
    const response = heard(answer);
    const replied = response.kind === 'reply';
    const closure = replied ? callback.onReply : callback.onReject;
    const executed = this.#step(node, tableEntry(closure), {
      ...this.#inputOf(node, replied ? 'CRy' : 'CRt'),
      ...(replied ? { argument: response.data } : { rejection: response.rejection }),
    });
    node.failure = failureOf(node.target.canister.id, executed);
    if (node.failure === undefined) return answerOf(node.target, executed);
    this.#cleanUp(node, callback.onCleanup);
    // Other calls of the node may still lead to an answer.
    return undefined;
  }

  #cleanUp(node: Node, closure: Closure | undefined): void {
    if (closure === undefined) return;
    const { trap } = this.#step(node, tableEntry(closure), this.#inputOf(node, 'CC'));
    if (trap !== undefined) {
      node.failure = withCleanupFailure(node.target.canister.id, node.failure!, trap);
    }
  }

  /** One message of a composite query: its effects stay in the fork, unless it traps. */
  #step(node: Node, entry: EntryPoint, input: MessageInput): Executed {
    const executed = this.#execute(node.target, entry, input);
    const { canister, code } = node.target;
    node.counter += executed.instructions;
    if (executed.trap !== undefined) {
      code.instance.rollback();
      return executed;
    }
    code.instance.commit();
    const changed = applied(canister, code, executed.message);
    node.target = { canister: changed, code: changed.code! };
    node.calls.push(...executed.message.calls);
    return executed;
  }

  #execute({ canister, code }: Callable, entry: EntryPoint, input: MessageInput): Executed {
    const executed = execute(canister, code, entry, input);
    this.#instructionsLeft -= executed.instructions;
    return executed;
  }

  #input(call: QueryCall, mode: Mode): MessageInput {
    const { canisterId, sender, method, argument, callerInfo } = call;
    return messageInput(this.state, canisterId, sender, { mode, method, argument, callerInfo });
  }

  #inputOf({ target, caller, calls, counter }: Node, mode: Mode): MessageInput {
    return {
      ...messageInput(this.state, target.canister.id, caller, { mode }),
      contextCounter: counter,
      callsUnderWay: (callee) => calls.filter((one) => samePrincipal(one.callee, callee)).length,
    };
  }
}

/** The canister if it can answer queries; otherwise why not. */
function queryable(state: ReplicaState, id: Principal): Callable | Rejection {
  const target = callable(state, id);
  if ('errorCode' in target) return target;
  const { canister } = target;
  if (canister.cycles >= freezingThreshold(canister, feesOf(state.subnetOf(id)))) return target;
  const remedy = 'Please top up the canister with cycles and try again.';
  const text = `Canister ${id.toText()} is unable to process query calls because it's frozen.`;
  return rejection(ErrorCode.outOfCycles, `${text} ${remedy}`);
}

function queryEntry(
  { canister, code }: Callable,
  method: string,
  queryMode: 'NRQ' | 'TQ',
): { readonly entry: EntryPoint; readonly mode: 'NRQ' | 'TQ' | 'CQ' } | Rejection {
  const { exports } = code.module;
  const query = ExportName.query(method);
  if (exports.has(query)) return { entry: exported(query), mode: queryMode };
  const composite = ExportName.compositeQuery(method);
  if (exports.has(composite) && queryMode === 'TQ') {
    const text = 'Composite query cannot be used as transform in canister http outcalls.';
    return rejection(ErrorCode.compositeQueryInReplicatedMode, text);
  }
  if (exports.has(composite)) return { entry: exported(composite), mode: 'CQ' };
  const text = `Canister has no query method '${method}'`;
  return canisterError(canister.id, ErrorCode.methodNotFound, text);
}

/** The answer that a message gave or, by trapping, caused; undefined where there is none yet. */
function answerOf({ canister }: Callable, executed: Executed): Response | undefined {
  const failure = failureOf(canister.id, executed);
  return failure === undefined ? executed.message.response : refuse(failure);
}

function didNotReply({ canister }: Callable): Rejection {
  return canisterError(canister.id, ErrorCode.didNotReply, 'Canister did not reply to the call');
}

function refuse(refusal: Rejection): Response {
  return { kind: 'reject', rejection: refusal };
}
