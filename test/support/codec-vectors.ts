/**
 * The values behind `test/golden/codecs.txt`: each line there is a codec, a value and its bytes.
 * The bytes are frozen, so lines are only ever added.
 */
import { IDL } from '@dfinity/candid';
import type { Codec } from '../../src/lib/codec.js';
import {
  blob,
  bool,
  bytes,
  candid,
  date,
  descending,
  enumeration,
  f32,
  f64,
  fixedBytes,
  i128,
  i16,
  i32,
  i64,
  i8,
  int,
  json,
  list,
  nat,
  optional,
  principal,
  record,
  text,
  tuple,
  u128,
  u16,
  u32,
  u64,
  u8,
  unit,
} from '../../src/lib/codecs/index.js';
import { Principal } from '../../src/lib/principal.js';
import { fromHex, toHex } from './hex.js';

/** A codec with values of its type. */
export interface CodecVectors {
  readonly codec: Codec<unknown>;
  readonly values: readonly unknown[];
}

const LEDGER = Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai');
const OWNER = Principal.fromUint8Array(Uint8Array.of(1));
const USER = record({ name: text, joined: u64, bio: optional(text) });
const EVERYTHING = record({
  count: u8,
  port: u16,
  color: u32,
  supply: u128,
  change: i64,
  paid: bool,
  nothing: unit,
  data: bytes,
  small: blob(4),
  hash: fixedBytes(5),
  id: fixedBytes(16),
  owner: principal,
  pair: tuple(u8, u8),
  user: USER,
});
const ALL_OF_EVERYTHING = {
  count: 1,
  port: 2,
  color: 3,
  supply: 4n,
  change: -5n,
  paid: true,
  nothing: undefined,
  data: fromHex('06'),
  small: fromHex('07'),
  hash: fromHex('0808080808'),
  id: fromHex('09090909090909090909090909090909'),
  owner: LEDGER,
  pair: [10, 11] as const,
  user: { name: 'Ada', joined: 1815n },
};

/** Made by `of`, which lets the compiler check that the values are the codec's. */
export const CODEC_VECTORS: readonly CodecVectors[] = [
  of(u8, 0, 1, 255),
  of(u16, 0, 258, 65_535),
  of(u32, 0, 16_909_060, 4_294_967_295),
  of(u64, 0n, 72_623_859_790_382_856n, 2n ** 64n - 1n),
  of(u128, 0n, 1n << 64n, 2n ** 128n - 1n),
  of(i64, -(2n ** 63n), -256n, -1n, 0n, 1n, 2n ** 63n - 1n),
  of(i8, -128, -1, 0, 1, 127),
  of(i16, -32_768, -1, 0, 258, 32_767),
  of(i32, -2_147_483_648, -1, 0, 16_909_060, 2_147_483_647),
  of(i128, -(2n ** 127n), -1n, 0n, 1n << 64n, 2n ** 127n - 1n),
  of(f32, -Infinity, -1.5, -0, 0, 1.5, 2 ** -149, Infinity, NaN),
  of(f64, -Infinity, -1.5, -0, 0, 0.1, 5e-324, Infinity, NaN),
  of(nat, 0n, 1n, 255n, 256n, 2n ** 64n, 2n ** 1008n),
  of(int, -(2n ** 1008n) - 1n, -257n, -256n, -2n, -1n, 0n, 1n, 255n, 256n),
  of(date, new Date(-8.64e15), new Date(-1), new Date(0), new Date('2024-02-29T12:00:00Z')),
  of(enumeration('open', 'paid', 'closed'), 'open', 'closed'),
  of(descending(u16), 258),
  of(tuple(descending(u64), text, i8), [1n, 'a', -1]),
  of(bool, false, true),
  of(unit, undefined),
  of(text, '', 'ada', 'é€😀', '\u{ffff}', '\u{10000}'),
  of(bytes, fromHex(''), fromHex('00ff')),
  of(blob(3), fromHex(''), fromHex('0102')),
  of(fixedBytes(4), fromHex('deadbeef')),
  of(principal, Principal.managementCanister(), Principal.anonymous(), LEDGER),
  of(optional(u16), undefined, 258),
  of(optional(text), undefined, '', 'ab'),
  of(optional(tuple(u8, u16)), undefined, [1, 2]),
  of(tuple(u8, u16), [1, 2]),
  of(tuple(blob(3), u16), [fromHex('09'), 258]),
  of(tuple(u16, blob(300)), [5, fromHex('0102')]),
  of(tuple(principal, u64), [OWNER, 1n]),
  of(tuple(unit, u8), [undefined, 7]),
  of(tuple(i64, principal), [-1n, LEDGER]),
  of(tuple(u8, u16, u32), [1, 2, 3]),
  of(tuple(u8, u16, text), [1, 2, 'hi']),
  of(tuple(u8, text, u16), [1, 'hi', 2]),
  of(tuple(text, u8, u16), ['hi', 1, 2]),
  of(tuple(text, text, text), ['a', 'bb', 'ccc'], ['', '', '']),
  of(tuple(blob(2), blob(300), u8), [fromHex('01'), fromHex('02'), 3]),
  of(tuple(text, u64), ['', 0n], ['ada', 1815n]),
  of(tuple(u64, text), [0n, ''], [1815n, 'ada']),
  of(tuple(text, bytes), ['ada', fromHex('00')], ['a'.repeat(256), fromHex('00')]),
  of(tuple(text), ['']),
  of(tuple(u8), [7]),
  of(tuple(u8, u16, u32, text), [1, 2, 3, 'hi']),
  of(tuple(text, u8, blob(3), u16), ['hi', 1, fromHex('09'), 2]),
  of(tuple(text, text, text, text), ['a'.repeat(254), 'b'.repeat(255), '', 'c']),
  of(list(u16), [], [1, 258]),
  of(list(text), [], ['', 'ab', 'c'.repeat(255)]),
  of(list(list(fixedBytes(3))), [[fromHex('010203')], []]),
  of(candid(IDL, IDL.Record({ a: IDL.Nat, b: IDL.Opt(IDL.Text) })), { a: 7n, b: ['hi'] }),
  of<unknown>(
    json(),
    null,
    'é€😀',
    [true, 1.5, -0, NaN, 12n, undefined],
    { name: 'Ada', since: new Date('2024-02-29T12:00:00Z'), owner: LEDGER },
    new Map<unknown, unknown>([['key', new Set([1])]]),
    [fromHex('00ff'), Float32Array.of(1.5, NaN), BigInt64Array.of(-1n)],
    { $date: 1, $$: { __proto: 2 } },
  ),
  of(USER, { name: '', joined: 0n }, { name: 'Ada', joined: 1815n, bio: 'Poet' }),
  of(EVERYTHING, ALL_OF_EVERYTHING),
];

/** The lines of the golden file. Columns are separated by tabs. */
export function codecLines(): string[] {
  return CODEC_VECTORS.flatMap(({ codec, values }) =>
    values.map((value) => [codec.name, show(value), show(codec.encode(value))].join('\t')),
  );
}

function of<T>(codec: Codec<T>, ...values: T[]): CodecVectors {
  return { codec, values };
}

/** A value as one would write it, with principals by their text and bytes in hexadecimal. */
function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array) return `0x${toHex(value)}`;
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) {
    return `${value.constructor.name}(${show(Array.from(value as Iterable<unknown>))})`;
  }
  if (value instanceof Date) return value.toISOString();
  if ('_isPrincipal' in value) return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  const properties = Object.entries(value).map(([name, property]) => `${name}: ${show(property)}`);
  return `{ ${properties.join(', ')} }`;
}
