/**
 * What the tests of the replica share: canisters written in WAT, and a bench that drives a replica
 * by the calls that a client would make.
 *
 * A canister's text needs only what is its own: {@link canisterWat} adds the imports, one page of
 * memory, and three helpers. `$reply_bytes (at, size)` replies with a range of the heap,
 * `$reply_i32` and `$reply_i64` with a little-endian number.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import binaryen from 'binaryen';

import { nodeHost, Replica, type ReplicaOptions, type Response } from '../../src/replica/index.js';
import { responseTo } from '../../src/replica/ingress-history.js';
import * as idl from '../../src/replica/management/idl.js';
import { SPECIFICATION } from './specification.js';

/** Parameters and results of the system calls, for the import lines. */
const IMPORTS: Readonly<Record<string, string>> = Object.fromEntries(
  SPECIFICATION.map(([name, type]) => [name, watType(type)]),
);

/** `(I i64) -> i32` as WAT writes it. */
function watType(type: string): string {
  const [parameters, results] = type.replaceAll('I', 'i32').split(' -> ') as [string, string];
  const given = parameters === '()' ? '' : parameters.replace('(', '(param ');
  return results === '()' ? given : `${given} (result ${results})`.trim();
}

export const SYSTEM_CALLS: readonly string[] = Object.keys(IMPORTS);

/** A call of a system call with zeroes for arguments, its result dropped. */
export function callWithZeroes(name: string): string {
  const signature = IMPORTS[name]!;
  const types = /\(param ([^)]*)\)/.exec(signature)?.[1]?.split(' ') ?? [];
  const call = `(call $${name} ${types.map((type) => `(${type}.const 0)`).join(' ')})`;
  return signature.includes('(result') ? `(drop ${call})` : call;
}

export function canisterWat(body: string): string {
  const imports = Object.entries(IMPORTS).map(
    ([name, signature]) => `(import "ic0" "${name}" (func $${name} ${signature}))`,
  );
  return `(module
    ${imports.join('\n    ')}
    (memory (export "memory") 1)
    (func $reply_bytes (param $at i32) (param $size i32)
      (call $msg_reply_data_append (local.get $at) (local.get $size))
      (call $msg_reply))
    (func $reply_i32 (param $value i32)
      (i32.store (i32.const 60000) (local.get $value))
      (call $reply_bytes (i32.const 60000) (i32.const 4)))
    (func $reply_i64 (param $value i64)
      (i64.store (i32.const 60000) (local.get $value))
      (call $reply_bytes (i32.const 60000) (i32.const 8)))
    ${body})`;
}

/**
 * A canister that makes any call it is told to, see {@link Bench.call}. The argument of `proxy` is:
 * the size of the callee's id and the id, the size of the method's name and the name, the cycles in
 * 8 bytes, the timeout in 4 bytes (0 for none), the argument. It replies with a 0 and the reply, or
 * with the reject code and the message.
 */
export const PROXY = `
  (table 2 funcref) (elem (i32.const 0) $on_reply $on_reject)
  (func $on_reply (param $environment i32)
    (i32.store8 (i32.const 0) (i32.const 0))
    (call $msg_arg_data_copy (i32.const 1) (i32.const 0) (call $msg_arg_data_size))
    (call $reply_bytes (i32.const 0) (i32.add (call $msg_arg_data_size) (i32.const 1))))
  (func $on_reject (param $environment i32)
    (i32.store8 (i32.const 0) (call $msg_reject_code))
    (call $msg_reject_msg_copy (i32.const 1) (i32.const 0) (call $msg_reject_msg_size))
    (call $reply_bytes (i32.const 0) (i32.add (call $msg_reject_msg_size) (i32.const 1))))
  (func $call (local $name i32) (local $rest i32) (local $code i32)
    (drop (memory.grow (i32.sub (i32.const 48) (memory.size))))
    (call $msg_arg_data_copy (i32.const 1000) (i32.const 0) (call $msg_arg_data_size))
    (local.set $name (i32.add (i32.const 1001) (i32.load8_u (i32.const 1000))))
    (local.set $rest
      (i32.add (i32.add (local.get $name) (i32.const 1)) (i32.load8_u (local.get $name))))
    (call $call_new
      (i32.const 1001) (i32.load8_u (i32.const 1000))
      (i32.add (local.get $name) (i32.const 1)) (i32.load8_u (local.get $name))
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (if (i64.ne (i64.load (local.get $rest)) (i64.const 0))
      (then (call $call_cycles_add128 (i64.const 0) (i64.load (local.get $rest)))))
    (if (i32.load (i32.add (local.get $rest) (i32.const 8)))
      (then (call $call_with_best_effort_response
        (i32.load (i32.add (local.get $rest) (i32.const 8))))))
    (local.set $rest (i32.add (local.get $rest) (i32.const 12)))
    (call $call_data_append (local.get $rest)
      (i32.sub (i32.add (i32.const 1000) (call $msg_arg_data_size)) (local.get $rest)))
    (local.set $code (call $call_perform))
    (if (local.get $code) (then
      (i32.store8 (i32.const 0) (local.get $code))
      (call $reply_bytes (i32.const 0) (i32.const 1)))))
  (func (export "canister_update proxy") (call $call))
  (func (export "canister_composite_query proxy_query") (call $call))`;

export interface ProxyOptions {
  readonly argument?: Uint8Array;
  readonly cycles?: bigint;
  readonly timeoutInSeconds?: number;
}

/** The argument that makes a {@link PROXY} call this method. */
export function proxyArgument(
  callee: Principal,
  method: string,
  { argument = new Uint8Array(0), cycles = 0n, timeoutInSeconds = 0 }: ProxyOptions = {},
): Uint8Array {
  const id = callee.toUint8Array();
  const name = bytesOf(method);
  const money = new Uint8Array(BigUint64Array.of(cycles).buffer);
  const timeout = new Uint8Array(Uint32Array.of(timeoutInSeconds).buffer);
  const head = [id.length, ...id, name.length, ...name, ...money, ...timeout];
  const whole = new Uint8Array(head.length + argument.length);
  whole.set(head);
  whole.set(argument, head.length);
  return whole;
}

/** What the proxy heard: the reply, or the reject code (as the error code) and the message. */
export function proxied(response: Response): Response {
  const data = dataOf(response);
  const [rejectCode = 0] = data;
  if (rejectCode === 0) return { kind: 'reply', data: data.slice(1) };
  const message = textOf(data.subarray(1));
  return { kind: 'reject', rejection: { rejectCode, errorCode: rejectCode, message } };
}

const assembled = new Map<string, Uint8Array>();

/** Assembles a canister from its own part of the text, see {@link canisterWat}; each text once. */
export function canister(body: string): Uint8Array {
  const wasm = assembled.get(body) ?? assemble(canisterWat(body));
  assembled.set(body, wasm);
  return wasm;
}

/** Bytes as a string of the text format. */
export function watString(bytes: Uint8Array): string {
  const escaped = Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, '0')}`);
  return `"${escaped.join('')}"`;
}

/** What canisters are compiled with, and no more: newer features change the binary format. */
const FEATURES =
  binaryen.Features.MutableGlobals |
  binaryen.Features.SignExt |
  binaryen.Features.NontrappingFPToInt |
  binaryen.Features.BulkMemory |
  binaryen.Features.ReferenceTypes;

export function assemble(wat: string): Uint8Array {
  const module = binaryen.parseText(wat);
  module.setFeatures(FEATURES);
  const bytes = new Uint8Array(module.emitBinary());
  module.dispose();
  return bytes;
}

export const CONTROLLER = Principal.fromUint8Array(Uint8Array.of(1, 2, 3));
export const STRANGER = Principal.fromUint8Array(Uint8Array.of(4, 5, 6));
export const MANAGEMENT = Principal.fromText('aaaaa-aa');
const ROUNDS_MAX = 20;
const CYCLES = 1_000_000n;

export interface InstallOptions {
  readonly mode?: idl.InstallMode;
  readonly argument?: Uint8Array;
  readonly sender?: Principal;
}

export const UPGRADE: idl.InstallMode = { upgrade: [] };

/** A replica, with the calls that tests make on it. */
export class Bench {
  readonly printed: string[] = [];
  readonly replica: Replica;

  constructor(options: Partial<ReplicaOptions> = {}) {
    this.replica = new Replica({
      host: nodeHost,
      seed: Uint8Array.of(7),
      // Most tests are about something else than fees.
      subnets: [{ kind: 'Application', costSchedule: 'Free' }],
      print: (_canisterId, line) => this.printed.push(textOf(line)),
      ...options,
    });
  }

  /** Submits an update call and runs rounds until it is answered. */
  update(
    canisterId: Principal,
    method: string,
    argument: Uint8Array = new Uint8Array(0),
    sender = CONTROLLER,
    subnetId?: Principal,
  ): Response {
    const submitted = this.replica.submit({ sender, canisterId, method, argument, subnetId });
    if (submitted.kind === 'refused') return { kind: 'reject', rejection: submitted.rejection };
    if (submitted.kind === 'malformed') throw new Error(submitted.reason);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      this.replica.executeRound();
      const response = responseTo(this.replica.ingress(submitted.messageId)!);
      if (response !== undefined) return response;
    }
    throw new Error(`${method} was not answered within ${ROUNDS_MAX} rounds`);
  }

  query(
    canisterId: Principal,
    method: string,
    argument: Uint8Array = new Uint8Array(0),
    sender = CONTROLLER,
  ): Response {
    return this.replica.query({ sender, canisterId, method, argument });
  }

  /** Calls the management canister; `opt` fields of the argument may be left out. */
  manage(method: string, type: IDL.Type, value: unknown, sender = CONTROLLER): Response {
    return this.update(MANAGEMENT, method, encoded(type, value), sender);
  }

  /** Asks the management canister, as {@link manage} calls it. */
  inquire(method: string, type: IDL.Type, value: unknown, sender = CONTROLLER): Response {
    return this.query(MANAGEMENT, method, encoded(type, value), sender);
  }

  /** Calls a method of the management canister that takes a canister id and nothing else. */
  manageId(method: string, canister_id: Principal, sender = CONTROLLER): Response {
    return this.manage(method, idl.CanisterIdRecord, { canister_id }, sender);
  }

  /** A new canister; on the default subnet unless another one is named. */
  create(cycles = CYCLES, sender = CONTROLLER, subnetId?: Principal): Principal {
    const argument = { amount: [cycles], settings: [], specified_id: [] };
    const method = 'provisional_create_canister_with_cycles';
    const bytes = encoded(idl.ProvisionalCreate, argument);
    const data = dataOf(this.update(MANAGEMENT, method, bytes, sender, subnetId));
    const [created] = IDL.decode([idl.CanisterIdRecord], data) as unknown as [idl.CanisterIdRecord];
    return created.canister_id;
  }

  install(canister_id: Principal, wasm: Uint8Array, options: InstallOptions = {}): Response {
    const { mode = { install: null }, argument = new Uint8Array(0), sender } = options;
    const value = { mode, canister_id, wasm_module: wasm, arg: argument };
    return this.manage('install_code', idl.InstallCode, value, sender);
  }

  /** Has a {@link PROXY} call this method. */
  call(proxy: Principal, callee: Principal, method: string, options?: ProxyOptions): Response {
    return proxied(this.update(proxy, 'proxy', proxyArgument(callee, method, options)));
  }

  /** Submits an update call and runs no round; the id of the message. */
  submit(canisterId: Principal, method: string, argument: Uint8Array = new Uint8Array(0)): string {
    const submitted = this.replica.submit({ sender: CONTROLLER, canisterId, method, argument });
    if (submitted.kind !== 'accepted') throw new Error(`${method} was not accepted`);
    return submitted.messageId;
  }

  /** The answer to a message; fails the test where there is none yet. */
  answer(messageId: string): Response {
    const response = responseTo(this.replica.ingress(messageId)!);
    if (response === undefined) throw new Error('the message is not answered yet');
    return response;
  }

  /** A new canister with this code, see {@link canisterWat}. */
  deploy(body: string, argument?: Uint8Array): Principal {
    const id = this.create();
    dataOf(this.install(id, canister(body), argument && { argument }));
    return id;
  }

  cycles(id: Principal): bigint {
    return this.replica.canister(id)!.cycles;
  }
}

/** The Candid bytes of a value; `opt` fields of a record that it lacks are null. */
export function encoded(type: IDL.Type, value: unknown): Uint8Array {
  return IDL.encode([type], [withNulls(type, value)]);
}

function withNulls(type: IDL.Type, value: unknown): unknown {
  if (type instanceof IDL.OptClass) {
    return (value as unknown[]).map((inner) => withNulls(type._type, inner));
  }
  if (!(type instanceof IDL.RecordClass)) return value;
  const given = value as Record<string, unknown>;
  const complete = type._fields.map(([name, field]) => {
    const missing = given[name] === undefined && field instanceof IDL.OptClass;
    return [name, missing ? [] : withNulls(field, given[name])];
  });
  return Object.fromEntries(complete) as unknown;
}

/** The value in a reply. */
export function decoded<T>(type: IDL.Type, response: Response): T {
  return IDL.decode([type], dataOf(response))[0] as T;
}

/** The data of a reply; fails the test where the response is a rejection. */
export function dataOf(response: Response): Uint8Array {
  if (response.kind === 'reply') return response.data;
  const { errorCode, message } = response.rejection;
  throw new Error(`expected a reply, got IC0${errorCode}: ${message}`);
}

export function numberOf(response: Response): number {
  const data = dataOf(response);
  return Number(data.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n));
}

/** The error code of a rejection; fails the test where the response is a reply. */
export function errorOf(response: Response): number {
  if (response.kind === 'reject') return response.rejection.errorCode;
  throw new Error(`expected a rejection, got a reply of ${response.data.length} bytes`);
}

export function messageOf(response: Response): string {
  if (response.kind === 'reject') return response.rejection.message;
  throw new Error(`expected a rejection, got a reply of ${response.data.length} bytes`);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
