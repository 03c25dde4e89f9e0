/**
 * Messages from outside. An update call is checked when it is submitted, before anything is spent
 * on it: its size, its target, and the target's own `canister_inspect_message`. Queries are in
 * `queries.ts`.
 *
 * Source: specs/replica.md sections 4.2 and 4.3.
 */
import type { Principal } from '@dfinity/principal';

import type { CallerInfo } from './call-context.js';
import { callable, replicatedEntry } from './calls.js';
import { feesFor, withdraw } from './charging.js';
import type { Canister } from './canister.js';
import { withConsumed } from './cycles-consumed.js';
import { exported, ExportName, type Mode } from './entry-point.js';
import { execute } from './execution.js';
import { ingressCost } from './fees.js';
import { REPLICATED_PAYLOAD_SIZE_MAX, type MessageInput } from './message-execution.js';
import { messageInput, type Callable } from './messages.js';
import { ErrorCode, rejection, type Rejection } from './rejection.js';
import type { ReplicaState } from './state.js';
import { isSystemCanister, refuseSystemIngress } from './system-canisters/system-canisters.js';
import { trapRejection } from './trap.js';

export interface IngressCall {
  readonly sender: Principal;
  readonly canisterId: Principal;
  readonly method: string;
  readonly argument: Uint8Array;
  readonly callerInfo?: CallerInfo | undefined;
  /** For the management canister: the subnet that carries the call out. */
  readonly subnetId?: Principal | undefined;
  /** The id of the message, which names it from now on; made up where it is not given. */
  readonly messageId?: Uint8Array | undefined;
  /** The canister under whose address the message came in. */
  readonly effectiveId?: Principal | undefined;
  /** When the message is too old to begin, in nanoseconds since 1970. */
  readonly expiry?: bigint | undefined;
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
  const paying = payIngress(state, target, call);
  return 'errorCode' in paying ? paying : inspect(state, target, call);
}

/** Takes the fee for a message that is let in. */
export function chargeIngress(state: ReplicaState, call: IngressCall): void {
  const target = callable(state, call.canisterId);
  if ('errorCode' in target) return;
  const paying = payIngress(state, target, call);
  if ('errorCode' in paying) return;
  const fee = target.canister.cycles - paying.cycles;
  state.put(withConsumed(paying, 'ingress_induction', fee));
}

function payIngress(
  state: ReplicaState,
  { canister }: Callable,
  { method, argument, sender }: IngressCall,
): Canister | Rejection {
  const size = new TextEncoder().encode(method).length + argument.length;
  return withdraw(state, canister, ingressCost(feesFor(state, canister), BigInt(size)), sender);
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

function inputOf(
  state: ReplicaState,
  canisterId: Principal,
  { sender, method, argument, callerInfo }: IngressCall,
  mode: Mode,
): MessageInput {
  return messageInput(state, canisterId, sender, { mode, method, argument, callerInfo });
}
