/**
 * The management canister, `aaaaa-aa`: no canister at all but the system's own voice. A call is
 * decoded, carried out in one step, and answered.
 *
 * A method that nobody knows is rejected with IC0407, an argument that does not decode with IC0408,
 * a caller without the right with IC0512 or IC0406.
 *
 * Source: IC interface specification, "The IC management canister" and "API request submission";
 * specs/replica.md section 4.2.
 */
import { IDL } from '@dfinity/candid';

import type { Call } from '../call-context.js';
import { decodeCandid } from '../candid/decode.js';
import { respond } from '../contexts.js';
import type { IngressCall } from '../ingress.js';
import { ErrorCode, rejection, reply, type Rejection, type Response } from '../rejection.js';
import type { ReplicaState } from '../state.js';
import { defaultSubnet } from '../topology.js';
import { endWith } from '../watch.js';
import type { FromVersion } from './idl.js';
import type { ManagementCall, Method } from './method.js';
import { METHODS, UNAVAILABLE, type ListedMethod, type Way } from './methods.js';

/** Why a call from outside is refused at once; undefined where it may be queued. */
export function refuseManagementIngress(
  state: ReplicaState,
  { method: name, sender, argument }: IngressCall,
): Rejection | undefined {
  const method = findMethod(name, 'message');
  if ('errorCode' in method) return method;
  const decoded = decode(method, argument);
  if ('errorCode' in decoded) {
    const text = `Failed to decode payload for ic00 method: ${name}\n${decoded.message}`;
    return rejection(ErrorCode.invalidManagementArgument, text);
  }
  const refusal = method.refuse(visit(state, sender), decoded.value as never);
  if (refusal?.errorCode !== ErrorCode.notController) return refusal;
  const { canister_id, target_canister } = decoded.value as Record<string, unknown>;
  const target = String(canister_id ?? target_canister);
  const text = `Only controllers of canister ${target} can call ic00 method ${name}`;
  return rejection(ErrorCode.notController, text);
}

/** Answers a query to the management canister; nothing changes. */
export function executeManagementQuery(
  state: ReplicaState,
  { method: name, sender, argument, subnetId }: Omit<IngressCall, 'canisterId'>,
): Response {
  const method = findMethod(name, 'query');
  if ('errorCode' in method) return { kind: 'reject', rejection: method };
  const call = { ...visit(state, sender), ...(subnetId && { subnetId }) };
  return answer(call, method, argument) ?? reply(new Uint8Array(0));
}

export function executeManagementCall(state: ReplicaState, call: Call): void {
  const { origin, caller, subnetId, cycles } = call;
  const running: ManagementCall = { state, origin, caller, subnetId, cycles };
  const end = state.watch({
    canisterId: call.callee,
    caller,
    mode: 'update',
    method: call.method,
    time: state.clock.roundTime,
  });
  const method = findMethod(call.method, origin.kind === 'ingress' ? 'message' : 'canister');
  const response: Response | undefined =
    'errorCode' in method
      ? { kind: 'reject', rejection: method }
      : answer(running, method, call.argument, call.callerVersion);
  end(endWith(response));
  if (response !== undefined) respond(state, origin, response, running.cycles);
}

/** A call for whose answer nobody waits in the queue. */
function visit(state: ReplicaState, caller: IngressCall['sender']): ManagementCall {
  const { id: subnetId } = defaultSubnet(state.subnets);
  return { state, caller, origin: { kind: 'system task' }, subnetId, cycles: 0n };
}

/** The answer; undefined where it comes later. */
function answer(
  call: ManagementCall,
  method: Method,
  bytes: Uint8Array,
  callerVersion?: bigint,
): Response | undefined {
  const argument = decode(method, bytes);
  if ('errorCode' in argument) return { kind: 'reject', rejection: argument };
  const wrong = wrongVersion(argument.value, callerVersion);
  if (wrong !== undefined) return { kind: 'reject', rejection: wrong };
  const result = method.run(call, argument.value as never);
  if (result === 'answered later') return undefined;
  if ('errorCode' in result) return { kind: 'reject', rejection: result };
  return reply(IDL.encode([...method.result], [...result]));
}

function findMethod(name: string, way: Way): ListedMethod | Rejection {
  const method = METHODS.get(name);
  if (method?.ways.includes(way) === true) return method;
  if (way === 'query') {
    return rejection(ErrorCode.methodNotFound, `Query method ${name} not found.`);
  }
  const why = UNAVAILABLE.get(name);
  if (why !== undefined) {
    const text = `This replica cannot serve '${name}': ${why}`;
    return rejection(ErrorCode.rejected, text);
  }
  if (method === undefined) {
    const text = `Management canister has no method '${name}'`;
    return rejection(ErrorCode.unknownManagementMethod, text);
  }
  const text = method.ways.includes('canister')
    ? `Only canisters can call ic00 method ${name}`
    : `${name} API is not accessible in replicated mode`;
  return rejection(ErrorCode.rejected, text);
}

/** A canister that states its version has to know it; a user has none. */
function wrongVersion(argument: unknown, actual: bigint | undefined): Rejection | undefined {
  const stated = (argument as Partial<FromVersion> | undefined)?.sender_canister_version?.[0];
  if (stated === undefined || actual === undefined || stated === actual) return undefined;
  const text =
    `Management canister call payload includes sender canister version ${stated} that does not ` +
    `match the actual sender canister version ${actual}.`;
  return rejection(ErrorCode.contractViolation, text);
}

function decode(method: Method, bytes: Uint8Array): { readonly value: unknown } | Rejection {
  const decoded = decodeCandid(method.argument, bytes);
  if ('values' in decoded) return { value: decoded.values[0] };
  const text = `Error decoding candid: ${decoded.invalid}`;
  return rejection(ErrorCode.invalidManagementArgument, text);
}
