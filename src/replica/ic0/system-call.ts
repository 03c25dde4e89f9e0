/**
 * What a system call is: its type, the modes in which it may be called, and what it does. Each file
 * of this folder is one group of them, in the order of the specification.
 *
 * A type is written as in the specification, for instance `(I I) -> i32`. `I` is the type of
 * pointers and sizes: `i32`, or `i64` where the canister has a 64-bit memory. Whatever its type in
 * Wasm, `I` and `i32` arrive as `number` and `i64` as `bigint`, all of them unsigned.
 *
 * Source: IC interface specification, "Overview of imports".
 */
import type { Mode } from '../entry-point.js';
import type { SystemCall, ValueType } from '../host.js';
import type { MessageExecution as Message } from '../message-execution.js';

/** The modes of the specification's `*`, which leaves out the start function. */
export const ANY = 'I G U RQ NRQ TQ CQ Ry Rt CRy CRt C CC F T';
export const ANY_AND_START = `s ${ANY}`;

/** A group of system calls by their names. */
export type SystemCalls = Readonly<Record<string, SystemCall>>;

const TYPE = /^\(([iI0-9 ]*)\) -> \(?([iI0-9]*)\)?$/;

/** A system call of this type that may be called in these modes. */
export function on(type: string, modes: string, run: SystemCall['run']): SystemCall {
  const [, parameters, results] = TYPE.exec(type)!;
  return {
    parameters: valueTypes(parameters!),
    results: valueTypes(results!),
    modes: new Set(modes.split(' ') as Mode[]),
    run,
  };
}

/** The pair of calls by which a canister gets at some bytes: `<name>_size` and `<name>_copy`. */
export function blob(
  name: string,
  modes: string,
  bytes: (message: Message) => Uint8Array,
): SystemCalls {
  return {
    [`${name}_size`]: on('() -> I', modes, (m) => bytes(m).length),
    [`${name}_copy`]: on(
      '(I I I) -> ()',
      modes,
      (m, target: number, offset: number, size: number) =>
        m.store(`ic0.${name}_copy`, bytes(m), target, offset, size),
    ),
  };
}

/** A number of 128 bits from its two halves: Wasm has no type for it. */
export function u128(high: bigint, low: bigint): bigint {
  return (high << 64n) | low;
}

function valueTypes(list: string): readonly ValueType[] {
  return list.split(' ').filter((type) => type !== '') as ValueType[];
}
