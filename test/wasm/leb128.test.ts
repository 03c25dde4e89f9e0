/** Numbers, names and byte strings of the Wasm format, and what is refused. */
import { describe, expect, test } from '@jest/globals';

import { WasmFormatError, WasmReader, WasmWriter } from '../../src/wasm/leb128.js';

describe('a 32-bit number', () => {
  test.each([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 1]],
    [624_485, [0xe5, 0x8e, 0x26]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('%p is written as %p, and read back', (value, bytes) => {
    const written = new WasmWriter().u32(value).toBytes();
    expect([...written]).toEqual(bytes);
    const reader = new WasmReader(written);
    expect(reader.u32()).toBe(value);
    expect(reader.done).toBe(true);
  });

  test('may be padded with zeroes, as linkers do', () => {
    expect(new WasmReader(Uint8Array.of(0x85, 0x80, 0x80, 0x80, 0)).u32()).toBe(5);
  });

  test.each([
    ['of 33 bits', [0xff, 0xff, 0xff, 0xff, 0x1f]],
    ['of six bytes', [0x80, 0x80, 0x80, 0x80, 0x80, 0]],
    ['that does not end', [0x80]],
  ])('%s is refused', (_name, bytes) => {
    expect(() => new WasmReader(Uint8Array.from(bytes)).u32()).toThrow(WasmFormatError);
  });
});

test('names and byte strings carry their length', () => {
  const bytes = new WasmWriter().name('größe').sized(Uint8Array.of(1, 2)).byte(9).toBytes();
  const reader = new WasmReader(bytes);
  expect(reader.name()).toBe('größe');
  expect([...reader.sized()]).toEqual([1, 2]);
  expect([...reader.rest()]).toEqual([9]);
});

test('a reader stops at the end of its bytes', () => {
  expect(() => new WasmReader(Uint8Array.of(3, 1, 2)).sized()).toThrow('expected 3 bytes');
  expect(() => new WasmReader(new Uint8Array(0)).byte()).toThrow(WasmFormatError);
});
