import { IDL } from '@dfinity/candid';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { toHex } from '../../support/hex.js';
import { KernelCandid } from '../../support/kernel-candid.js';
import { COMPILE_TIMEOUT_MS } from '../../support/kernel-host.js';

let candid: KernelCandid;

beforeAll(async () => {
  candid = await KernelCandid.create();
}, COMPILE_TIMEOUT_MS);

describe('texts', () => {
  test.each([
    ['an unpaired surrogate', ['\ud83d']],
    ['two halves of a pair, which are none', ['\ud83d', '\ude42']],
    ['halves and characters', ['a\ud83d', '\ude42b', '🙂']],
  ])('with %s are left to TypeScript', (_name, texts) => {
    expect(candid.codecFor(IDL.Vec(IDL.Text)).encode([texts])).toBeUndefined();
  });
});

describe('integers', () => {
  test.each([
    [IDL.Nat8, [0, 255, -0], [-1, 256, 1.5, Number.NaN, '1', 1n, null]],
    [IDL.Nat16, [0, 65_535], [-1, 65_536, 0.5]],
    [IDL.Nat32, [0, 4_294_967_295], [-1, 4_294_967_296, Infinity]],
    [IDL.Int8, [-128, 127], [-129, 128]],
    [IDL.Int16, [-32_768, 32_767], [-32_769, 32_768]],
    [IDL.Int32, [-2_147_483_648, 2_147_483_647], [-2_147_483_649, 2_147_483_648]],
    [IDL.Nat64, [0n, 2n ** 64n - 1n, 7], [-1n, 2n ** 64n, -1, 1.5, true, '1']],
    [IDL.Int64, [-(2n ** 63n), 2n ** 63n - 1n, -7], [-(2n ** 63n) - 1n, 2n ** 63n, 0.5]],
    [IDL.Nat, [0n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 200n, 2 ** 60], [-1n, -1, 1.5, '1', {}]],
    [IDL.Int, [-(2n ** 63n) - 1n, 2n ** 63n, -(2n ** 200n), -(2 ** 60)], [1.5, '1', undefined]],
  ])('of %p are the same at their limits, and beyond them left', (type, within, beyond) => {
    const codec = candid.codecFor(type);
    const typescript = compileArguments([type]);
    for (const value of within) {
      expect(toHex(codec.encode([value])!)).toBe(toHex(typescript.encode([value])));
    }
    for (const value of beyond) expect(codec.encode([value])).toBeUndefined();
  });
});

describe('values with special ways', () => {
  test('may encode others while they are written', () => {
    const codec = candid.codecFor(IDL.Record({ a: IDL.Text, b: IDL.Text }));
    const inner = codec.encode([{ a: 'inside', b: '' }])!;
    const value = {
      a: 'outside',
      get b() {
        return `${codec.encode([{ a: 'inside', b: '' }])} ${codec.decode(inner)}`;
      },
    };
    const message = codec.encode([value])!;
    expect(codec.decode(message)).toEqual([{ a: 'outside', b: 'undefined undefined' }]);
  });

  test('of packed lists may be arrays, and views with elements of the same size', () => {
    const codec = candid.codecFor(IDL.Vec(IDL.Nat16), IDL.Vec(IDL.Int8));
    const backing = Uint16Array.of(9, 1, 65_535, 9);
    const message = codec.encode([backing.subarray(1, 3), [-128, 127]])!;
    expect(codec.decode(message)).toEqual([Uint16Array.of(1, 65_535), Int8Array.of(-128, 127)]);
    const others = codec.encode([Int16Array.of(1, -1), Uint8Array.of(128, 127)])!;
    expect(toHex(others)).toBe(toHex(message));
    expect(codec.encode([Uint8Array.of(1, 2), []])).toBeUndefined();
    expect(codec.encode([[1, 65_536], []])).toBeUndefined();
    expect(codec.encode([[1, '2'], []])).toBeUndefined();
  });

  test('may inherit their fields, and lack none', () => {
    const codec = candid.codecFor(IDL.Record({ a: IDL.Reserved, b: IDL.Bool }));
    const inherited = Object.create({ a: 1, b: true }) as object;
    expect(codec.decode(codec.encode([inherited])!)).toEqual([{ a: null, b: true }]);
    expect(codec.encode([{ a: undefined, b: true }])).toBeDefined();
    expect(codec.encode([{ b: true }])).toBeUndefined();
    expect(codec.encode([{ a: 1 }])).toBeUndefined();
  });

  test('have a field called __proto__', () => {
    const codec = candid.codecFor(IDL.Record({ ['__proto__']: IDL.Vec(IDL.Text) }));
    const value = JSON.parse('{ "__proto__": ["a"] }') as unknown;
    const message = codec.encode([value])!;
    expect(JSON.stringify(codec.decode(message))).toBe('[{"__proto__":["a"]}]');
  });

  test('are of one case of a variant', () => {
    const codec = candid.codecFor(IDL.Variant({ ok: IDL.Null, error: IDL.Text }));
    expect(codec.decode(codec.encode([{ error: 'a' }])!)).toEqual([{ error: 'a' }]);
    for (const value of [{}, { ok: null, error: 'a' }, { other: null }, { ok: 1 }, null, 'ok']) {
      expect(codec.encode([value])).toBeUndefined();
    }
  });

  test('that lie very deep are left to TypeScript', () => {
    const list = IDL.Rec();
    list.fill(IDL.Opt(list));
    const codec = candid.codecFor(list);
    const nested = (depth: number): unknown[] => (depth === 0 ? [] : [nested(depth - 1)]);
    expect(codec.encode([nested(30)])).toEqual(compileArguments([list]).encode([nested(30)]));
    expect(codec.encode([nested(200)])).toBeUndefined();
  });

  test('that were given up leave nothing behind', () => {
    const codec = candid.codecFor(IDL.Vec(IDL.Nat8), IDL.Text);
    expect(codec.encode([Uint8Array.of(1, 2), 3])).toBeUndefined();
    const texts = candid.codecFor(IDL.Text);
    expect(texts.decode(texts.encode(['a'])!)).toEqual(['a']);
  });
});
