/**
 * Messages from outside. An update call is checked when it is submitted, before anything is spent
 * on it: its size, its target, and the target's own `canister_inspect_message`. A query is answered
 * at once, and nothing that it did remains.
 *
 * Source: specs/replica.md sections 4.2 and 4.3.
 */
import type { Principal } from '@dfinity/principal';

import { callable, messageInput, replicatedEntry, type Callable } from './calls.js';
import { exported, ExportName, type EntryPoint, type Mode } from './entry-point.js';
import { execute } from './execution.js';
import { REPLICATED_PAYLOAD_SIZE_MAX, type MessageInput } from './message-execution.js';
import { ErrorCode, rejection, type Rejection, type Response } from './rejection.js';
import type { ReplicaState } from './state.js';
import {
  isSystemCanister,
  querySystemCanister,
  refuseSystemIngress,
} from './system-canisters/system-canisters.js';
import { canisterError, trapRejection } from './trap.js';

export interface IngressCall {
  readonly sender: Principal;
  readonly canisterId: Principal;
  readonly method: string;
  readonly argument: Uint8Array;
  /** For the management canister: the subnet that carries the call out. */
  readonly subnetId?: Principal | undefined;
}

/** Whether the argument is within the limit of 2 MiB for messages from outside. */
export function fitsIngress(argument: Uint8Array): boolean {
  return argument.length <= REPLICATED_PAYLOAD_SIZE_MAX;
}

/** Why an update call to a canister is not even queued; undefined where it is. */
export function refuseIngress(state: ReplicaState, call: IngressCall): Rejection | undefined {
  if (isSystemCanister(state, call.canisterId)) return refuseSystemIngress(call);
  const target = callable(state, call.canisterId);
  if ('errorCode' in target) return target;
  const found = replicatedEntry(target, call.method);
  if ('errorCode' in found) return found;
  return inspect(state, target, call);
}

function inspect(state: ReplicaState, target: Callable, call: IngressCall): Rejection | undefined {
  const { canister, code } = target;
  if (!code.module.exports.has(ExportName.inspectMessage)) return undefined;
  const { message, trap } = execute(
    canister,
    code,
    exported(ExportName.inspectMessage),
    inputOf(state, canister.id, call, 'F'),
  );
  code.instance.rollback();
  if (trap !== undefined) return trapRejection(canister.id, trap);
  if (message.accepted) return undefined;
  return rejection(ErrorCode.rejected, 'Canister rejected the message');
}

/** Answers a query; in mode TQ, the one by which a canister transforms what an outcall brought. */
export function executeQuery(
  state: ReplicaState,
  call: IngressCall,
  queryMode: 'NRQ' | 'TQ' = 'NRQ',
): Response {
  if (isSystemCanister(state, call.canisterId)) return querySystemCanister(state, call);
  const target = callable(state, call.canisterId);
  if ('errorCode' in target) return { kind: 'reject', rejection: target };
  const found = queryEntry(target, call.method, queryMode);
  if ('errorCode' in found) return { kind: 'reject', rejection: found };
  const { canister, code } = target;
  const { message, trap } = execute(
    canister,
    code,
    found.entry,
    inputOf(state, canister.id, call, found.mode),
  );
  code.instance.rollback();
  const refuse = (refusal: Rejection): Response => ({ kind: 'reject', rejection: refusal });
  if (trap !== undefined) return refuse(trapRejection(canister.id, trap));
  if (message.response !== undefined) return message.response;
  if (message.calls.length > 0) {
    const text = 'This replica does not carry out the calls of composite queries';
    return refuse(rejection(ErrorCode.rejected, text));
  }
  const text = 'Canister did not reply to the call';
  return refuse(canisterError(canister.id, ErrorCode.didNotReply, text));
}

function queryEntry(
  { canister, code }: Callable,
  method: string,
  queryMode: 'NRQ' | 'TQ',
): { readonly entry: EntryPoint; readonly mode: Mode } | Rejection {
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

function inputOf(
  state: ReplicaState,
  canisterId: Principal,
  { sender, method, argument }: IngressCall,
  mode: Mode,
): MessageInput {
  return messageInput(state, canisterId, sender, { mode, method, argument });
}
