import { IDL } from '@dfinity/candid';
import { beforeAll, expect, test } from '@jest/globals';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { KernelCandid } from '../../support/kernel-candid.js';
import { COMPILE_TIMEOUT_MS, HEAP_SIZE_IN_PAGES, KernelHost } from '../../support/kernel-host.js';

beforeAll(() => KernelHost.compile(), COMPILE_TIMEOUT_MS);

test('a tape grows until all values have room, and stays as long', () => {
  const candid = new KernelCandid(KernelHost.createNow(), 1);
  const codec = candid.codecFor(IDL.Vec(IDL.Int), IDL.Vec(IDL.Opt(IDL.Bool)), IDL.Vec(IDL.Text));
  const values = (count: number) => [
    Array.from({ length: count }, (_, index) => (-1n) ** BigInt(index) * 2n ** BigInt(index)),
    Array.from({ length: count }, (_, index) => (index % 3 === 0 ? [] : [index % 3 === 1])),
    Array.from({ length: count }, (_, index) => `text ${index}`),
  ];
  const lengths = [3, 200, 7].map((count) => {
    const message = codec.encode(values(count))!;
    expect(codec.decode(message)).toEqual(values(count));
    return candid.tape.numbers.length;
  });
  expect(lengths[1]).toBeGreaterThan(600);
  expect(lengths[2]).toBe(lengths[1]);
});

test('a message of two megabytes is read at once, whatever it holds', () => {
  const candid = new KernelCandid(KernelHost.createNow());
  const type = IDL.Vec(IDL.Record({ key: IDL.Text, value: IDL.Nat8 }));
  const values = Array.from({ length: 2 ** 18 }, () => ({ key: 'abcdef', value: 1 }));
  const codec = candid.codecFor(type);
  const message = codec.encode([values])!;
  expect(message.length).toBeGreaterThan(2 ** 21);
  const [decoded] = codec.decode(message) as [typeof values];
  expect(decoded.length).toBe(values.length);
  expect(decoded.at(-1)).toEqual(values.at(-1));
  expect(codec.encode([decoded])).toEqual(message);
});

test('a message for which the heap has no room is left to TypeScript', () => {
  const host = KernelHost.createNow(20, HEAP_SIZE_IN_PAGES);
  const codec = new KernelCandid(host).codecFor(IDL.Vec(IDL.Nat8));
  const value = Uint8Array.of(1, 2, 3);
  host.argument = compileArguments([IDL.Vec(IDL.Nat8)]).encode([value]);
  expect(codec.decodeArgument()).toBeUndefined();
  expect(codec.decode(host.argument)).toBeUndefined();
  expect(codec.encode([value])).toBeUndefined();
  expect(codec.reply([value])).toBe(false);
});

test('a heap that has room for some messages serves these', () => {
  const host = KernelHost.createNow(20, HEAP_SIZE_IN_PAGES + 1);
  const codec = new KernelCandid(host).codecFor(IDL.Vec(IDL.Nat8));
  const small = Uint8Array.of(1, 2, 3);
  const large = new Uint8Array(65_536).fill(7);
  for (const value of [small, large, small]) {
    const message = codec.encode([value]);
    if (value === large) expect(message).toBeUndefined();
    else expect(codec.decode(message!)).toEqual([value]);
  }
});
