/** Candid messages written out byte by byte, as no encoder would write them. */

export const OPT = 0x6e;
export const VEC = 0x6d;
export const RECORD = 0x6c;
export const VARIANT = 0x6b;
export const FUNC = 0x6a;
export const SERVICE = 0x69;

export const NULL = 0x7f;
export const BOOL = 0x7e;
export const NAT = 0x7d;
export const INT = 0x7c;
export const NAT8 = 0x7b;
export const NAT64 = 0x78;
export const TEXT = 0x71;
export const RESERVED = 0x70;
export const EMPTY = 0x6f;
export const PRINCIPAL = 0x68;

/** A natural number in LEB128. */
export function leb(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [value] : [low + 128, ...leb(Math.floor(value / 128))];
}

/** A message of one value, of the type that is defined first. */
export function message(
  definitions: readonly (readonly number[])[],
  value: readonly number[],
): Uint8Array {
  return whole(definitions, [0], value);
}

/** A message with values of these types, whose bytes come one after the other. */
export function whole(
  definitions: readonly (readonly number[])[],
  types: readonly number[],
  values: readonly number[],
): Uint8Array {
  const table = [...leb(definitions.length), ...definitions.flat()];
  return Uint8Array.from([...MAGIC, ...table, ...leb(types.length), ...types, ...values]);
}

const MAGIC = [68, 73, 68, 76];
