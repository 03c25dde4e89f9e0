import { IDL } from '@dfinity/candid';
import { beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { EncodedVec } from '../../../src/lib/candid/encoded-vec.js';
import { headOf } from '../../../src/lib/candid/type-table.js';
import { describeTypes } from '../../../src/lib/candid/type.js';
import { toHex } from '../../support/hex.js';
import { KernelCandid } from '../../support/kernel-candid.js';
import { COMPILE_TIMEOUT_MS } from '../../support/kernel-host.js';
import { checkProperty } from '../../support/property.js';

let candid: KernelCandid;

beforeAll(async () => {
  candid = await KernelCandid.create();
}, COMPILE_TIMEOUT_MS);

const Entry = IDL.Record({ key: IDL.Text, value: IDL.Vec(IDL.Nat8), big: IDL.Nat });
const Page = IDL.Record({ entries: IDL.Vec(Entry), before: IDL.Vec(IDL.Nat8), next: IDL.Text });

/** What a message of this value has behind its head. */
function encoded(type: IDL.Type, value: unknown): Uint8Array {
  return compileArguments([type])
    .encode([value])
    .slice(headOf(describeTypes([type])).length);
}

const entry = fc.record({
  key: fc.string(),
  value: fc.uint8Array(),
  big: fc.bigInt(0n, 2n ** 90n),
});

test('stands for the array that it is the encoding of, in both codecs', () => {
  const codec = candid.codecFor(Page);
  const typescript = compileArguments([Page]);
  const page = fc.record({ entries: fc.array(entry), before: fc.uint8Array(), next: fc.string() });
  checkProperty(
    fc.property(page, fc.nat(5), (page, cut) => {
      const chunks = page.entries.map((each) => encoded(Entry, each));
      const first = chunks[0] ?? new Uint8Array(0);
      chunks.splice(0, 1, first.subarray(0, cut), first.subarray(cut));
      const value = { ...page, entries: new EncodedVec(page.entries.length, chunks) };
      const expected = toHex(typescript.encode([page]));
      expect(toHex(typescript.encode([value]))).toBe(expected);
      expect(toHex(codec.encode([value])!)).toBe(expected);
    }),
  );
});

test('of bytes is one too, and left to TypeScript', () => {
  const Bytes = IDL.Vec(IDL.Nat8);
  const value = new EncodedVec(3, [Uint8Array.of(1, 2, 3)]);
  expect(compileArguments([Bytes]).encode([value])).toEqual(
    compileArguments([Bytes]).encode([[1, 2, 3]]),
  );
  expect(candid.codecFor(Bytes).encode([value])).toBeUndefined();
});

test.each([
  ['an opt', IDL.Opt(IDL.Nat8)],
  ['a text', IDL.Text],
  ['a tuple', IDL.Tuple(IDL.Nat8)],
])('is no value of %s', (_name, type) => {
  const value = new EncodedVec(1, [Uint8Array.of(1)]);
  expect(() => compileArguments([type]).encode([value])).toThrow(
    expect.objectContaining({ code: 'INVALID_VALUE' }),
  );
  expect(candid.codecFor(type).encode([value])).toBeUndefined();
});

test('leaves nothing behind where another value is wrong', () => {
  const codec = candid.codecFor(Page);
  const entries = new EncodedVec(1, [encoded(Entry, { key: 'a', value: [1], big: 5n })]);
  expect(codec.encode([{ entries, before: [], next: 7 }])).toBeUndefined();
  expect(codec.encode([{ entries: [], before: [], next: '' }])).toEqual(
    compileArguments([Page]).encode([{ entries: [], before: [], next: '' }]),
  );
});
