/**
 * System canisters: canisters of the real network that tools expect to find, written in TypeScript
 * as a part of the replica. Each has the id and the Candid interface of the real one; a canister or
 * a tool cannot tell by its answers that it is not made of Wasm.
 *
 *     ID                            CANISTER
 *     ryjl3-tyaaa-aaaaa-aaaba-cai   ICP ledger
 *     rkp4c-7iaaa-aaaaa-aaaca-cai   cycles minting canister
 *     um5iw-rqaaa-aaaaq-qaaba-cai   cycles ledger
 *
 * To the rest of the system each is an empty canister whose messages are answered here: its status
 * can be asked for, its id is taken, and nobody who is there controls it.
 *
 * Source: specs/replica.md sections 3.2 and 3.4.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import type { Call } from '../call-context.js';
import { decodeCandid } from '../candid/decode.js';
import { defaultSettings, emptyCanister } from '../canister.js';
import { respond } from '../contexts.js';
import { MODE_WORDS } from '../entry-point.js';
import type { IngressCall } from '../ingress.js';
import { keyOf } from '../principals.js';
import { ErrorCode, type Rejection, type Response } from '../rejection.js';
import type { ReplicaState } from '../state.js';
import { canisterError } from '../trap.js';
import { endWith } from '../watch.js';
import { wrongSize } from './argument-sizes.js';
import { CYCLES_LEDGER } from './cycles-ledger.js';
import { CYCLES_MINTING } from './cycles-minting.js';
import { ICP_LEDGER } from './icp-ledger.js';
import {
  query,
  trapped,
  type SystemCall,
  type SystemMethod,
  type SystemMethods,
} from './system-canister.js';
import { interfaceText } from './interface-text.js';
import { initialSystemState } from './system-state.js';

const CANISTERS: ReadonlyMap<string, SystemMethods> = new Map(
  [
    ['ryjl3-tyaaa-aaaaa-aaaba-cai', ICP_LEDGER] as const,
    ['rkp4c-7iaaa-aaaaa-aaaca-cai', CYCLES_MINTING] as const,
    ['um5iw-rqaaa-aaaaq-qaaba-cai', CYCLES_LEDGER] as const,
  ].map(([id, methods]) => [keyOf(Principal.fromText(id)), selfDescribing(methods)]),
);

/** Having no module, these canisters have no metadata: they tell their interface by a method. */
function selfDescribing(methods: SystemMethods): SystemMethods {
  const text = interfaceText(methods);
  return { ...methods, __get_candid_interface_tmp_hack: query([], IDL.Text, () => text) };
}

/** The controller that all of them have on the real network, NNS root. */
const ROOT = Principal.fromText('r7inp-6aaaa-aaaaa-aaabq-cai');
const CYCLES = 1_000_000_000_000_000n;

/** Puts the system canisters into a new replica. */
export function addSystemCanisters(state: ReplicaState): void {
  state.system = initialSystemState(state.clock.roundTime);
  for (const key of CANISTERS.keys()) {
    const id = Principal.fromUint8Array(Uint8Array.from(key, (byte) => byte.charCodeAt(0)));
    state.put(emptyCanister(id, defaultSettings([ROOT]), CYCLES, state.clock.roundTime));
  }
}

export function isSystemCanister(state: ReplicaState, id: Principal): boolean {
  return state.system !== undefined && CANISTERS.has(keyOf(id));
}

/** Why a call from outside is refused at once; undefined where it may be queued. */
export function refuseSystemIngress({ canisterId, method }: IngressCall): Rejection | undefined {
  const found = findMethod(canisterId, method, 'update');
  return 'errorCode' in found ? found : undefined;
}

export function executeSystemCall(state: ReplicaState, call: Call): void {
  const running = systemCall(state, call.callee, call.caller, call.cycles);
  const response = watchedAnswer(running, 'update', call);
  respond(state, call.origin, response, running.cycles);
}

export function querySystemCanister(state: ReplicaState, call: IngressCall): Response {
  const running = systemCall(state, call.canisterId, call.sender, 0n);
  return watchedAnswer(running, 'query', call);
}

function watchedAnswer(
  running: SystemCall,
  kind: SystemMethod['kind'],
  { method, argument }: { readonly method: string; readonly argument: Uint8Array },
): Response {
  const { state, self, caller, now } = running;
  const mode = MODE_WORDS[kind === 'query' ? 'NRQ' : 'U'];
  const end = state.watch({ canisterId: self, caller, mode, method, time: now });
  const response = answer(running, findMethod(self, method, kind), argument);
  end(endWith(response));
  return response;
}

function systemCall(
  state: ReplicaState,
  self: Principal,
  caller: Principal,
  cycles: bigint,
): SystemCall {
  return { state, books: state.system!, self, caller, now: state.clock.roundTime, cycles };
}

/** The method; what is called as an update may be a query, but not the other way round. */
function findMethod(
  id: Principal,
  name: string,
  kind: SystemMethod['kind'],
): SystemMethod | Rejection {
  const methods = CANISTERS.get(keyOf(id))!;
  const method = Object.hasOwn(methods, name) ? methods[name]! : undefined;
  if (method !== undefined && (kind === 'update' || method.kind === 'query')) return method;
  return canisterError(id, ErrorCode.methodNotFound, `Canister has no ${kind} method '${name}'`);
}

function answer(call: SystemCall, method: SystemMethod | Rejection, bytes: Uint8Array): Response {
  if ('errorCode' in method) return { kind: 'reject', rejection: method };
  const argument = decode(call.self, method, bytes);
  if ('errorCode' in argument) return { kind: 'reject', rejection: argument };
  const result = method.run(call, argument.value as never);
  if ('errorCode' in result) return { kind: 'reject', rejection: result };
  return { kind: 'reply', data: IDL.encode([...method.result], [...result]) };
}

/** Where bytes are not of the type, a canister traps. */
function decode(
  self: Principal,
  { argument }: SystemMethod,
  bytes: Uint8Array,
): { readonly value: unknown } | Rejection {
  const decoded = decodeCandid(argument, bytes);
  if ('invalid' in decoded) {
    return trapped(self, `failed to decode call arguments: ${decoded.invalid}`);
  }
  const [value] = decoded.values;
  const wrong = wrongSize(value);
  return wrong === undefined ? { value } : trapped(self, wrong);
}
