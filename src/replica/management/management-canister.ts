/**
 * The management canister, `aaaaa-aa`: no canister at all but the system's own voice. A call is
 * decoded, carried out in one step, and answered.
 *
 * A method that this table does not list is rejected with IC0407, an argument that does not decode
 * with IC0408.
 *
 * Source: IC interface specification, "The IC management canister"; specs/replica.md section 4.2.
 */
import { IDL } from '@dfinity/candid';

import type { Call } from '../call-context.js';
import { respond } from '../contexts.js';
import { ErrorCode, rejection, type Rejection, type Response } from '../rejection.js';
import type { ReplicaState } from '../state.js';
import { endWith } from '../watch.js';
import * as code from './code.js';
import { httpRequest } from './http-request.js';
import { RandomBytes } from './idl.js';
import * as lifecycle from './lifecycle.js';
import { canisterMethod, type ManagementCall, type Method, type Result } from './method.js';
import { updateSettings } from './settings.js';
import { canisterStatus } from './status.js';

const METHODS: Readonly<Record<string, Method>> = {
  provisional_create_canister_with_cycles: lifecycle.provisionalCreate,
  provisional_top_up_canister: lifecycle.provisionalTopUp,
  create_canister: lifecycle.createCanister,
  start_canister: lifecycle.startCanister,
  stop_canister: lifecycle.stopCanister,
  delete_canister: lifecycle.deleteCanister,
  deposit_cycles: lifecycle.depositCycles,
  update_settings: updateSettings,
  canister_status: canisterStatus,
  install_code: code.installCode,
  install_chunked_code: code.installChunkedCode,
  upload_chunk: code.uploadChunk,
  stored_chunks: code.storedChunks,
  clear_chunk_store: code.clearChunkStore,
  uninstall_code: code.uninstallCode,
  http_request: httpRequest,
  raw_rand: canisterMethod([], [RandomBytes], ({ state }) => [state.randomness.next()]),
};

/** Why a call from outside is refused at once; undefined where it may be queued. */
export function refuseManagementIngress(name: string): Rejection | undefined {
  const method = findMethod(name);
  if (method === undefined) return unknownMethod(name);
  if (method.fromIngress) return undefined;
  return rejection(ErrorCode.rejected, `Only canisters can call the method '${name}'`);
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
  const response = answer(running, call.method, call.argument);
  end(endWith(response));
  if (response !== undefined) respond(state, origin, response, running.cycles);
}

function answer(call: ManagementCall, name: string, bytes: Uint8Array): Response | undefined {
  const method = findMethod(name);
  if (method === undefined) return { kind: 'reject', rejection: unknownMethod(name) };
  const argument = decode(method, bytes);
  if ('errorCode' in argument) return { kind: 'reject', rejection: argument };
  const result: Result = method.run(call, argument.value as never);
  if (result === 'answered later') return undefined;
  if ('errorCode' in result) return { kind: 'reject', rejection: result };
  return { kind: 'reply', data: IDL.encode([...method.result], [...result]) };
}

function findMethod(name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
}

function unknownMethod(name: string): Rejection {
  const text = `Management canister has no method '${name}'`;
  return rejection(ErrorCode.unknownManagementMethod, text);
}

/** The decoder of Candid throws where bytes are not of the type; to us that is a value. */
function decode(method: Method, bytes: Uint8Array): { readonly value: unknown } | Rejection {
  try {
    return { value: IDL.decode([...method.argument], bytes)[0] };
  } catch (thrown) {
    const reason = (thrown as Error).message;
    const text = `Error decoding candid: ${reason}`;
    return rejection(ErrorCode.invalidManagementArgument, text);
  }
}
