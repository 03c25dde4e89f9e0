/** Types and bodies of functions. */
import { describe, expect, test } from '@jest/globals';
import binaryen from 'binaryen';

import {
  functionType,
  functionTypeIndices,
  NumberType,
  readBodies,
  readFunctionTypes,
  withAppended,
} from '../../src/wasm/function.js';
import { WasmFormatError } from '../../src/wasm/leb128.js';
import { readSections, SectionId } from '../../src/wasm/module.js';

const { i32, i64, f32, f64 } = NumberType;

const SECTIONS = readSections(
  new Uint8Array(
    binaryen
      .parseText(
        `(module
          (import "ic0" "time" (func $time (result i64)))
          (func (param f32 f64) (result i32) (local i64 i64 i32) (i32.const 7))
          (func (export "none")))`,
      )
      .emitBinary(),
  ),
);

test('the types of all functions, imported ones first', () => {
  const types = readFunctionTypes(SECTIONS);
  expect(functionTypeIndices(SECTIONS).map((index) => types[index])).toEqual([
    { parameters: [], results: [i64] },
    { parameters: [f32, f64], results: [i32] },
    { parameters: [], results: [] },
  ]);
});

test('a type is written as it is read', () => {
  const type = { parameters: [i32, i32], results: [i64] };
  const payload = withAppended([], SectionId.type, [functionType(type)]);
  expect(readFunctionTypes([{ id: SectionId.type, payload }])).toEqual([type]);
});

test('a body is its locals and its code', () => {
  const [first, second] = readBodies(SECTIONS);
  expect([...first!.locals]).toEqual([2, i64, 1, i32]);
  expect(first).toMatchObject({ localGroups: 2, localCount: 3 });
  expect([...first!.code]).toEqual([0x41, 7, 0x0b]);
  expect(second).toMatchObject({ localGroups: 0, localCount: 0 });
});

test('entries are appended behind those that are there', () => {
  const payload = withAppended(SECTIONS, SectionId.function, [Uint8Array.of(9)]);
  expect(payload[0]).toBe(3);
  expect(payload.at(-1)).toBe(9);
});

test('a module without functions has none', () => {
  expect([readFunctionTypes([]), functionTypeIndices([]), readBodies([])]).toEqual([[], [], []]);
});

describe('refused is', () => {
  test.each([
    ['a type that is no function', SectionId.type, [1, 0x5f, 0], readFunctionTypes],
    ['more types than bytes', SectionId.type, [200, 1, 0x60], readFunctionTypes],
    ['a section that goes on', SectionId.function, [1, 0, 0], functionTypeIndices],
    ['a body that is cut off', SectionId.code, [1, 9, 0, 0x0b], readBodies],
    ['locals beyond the body', SectionId.code, [1, 2, 5, 0x0b], readBodies],
  ])('%s', (_name, id, bytes, read) => {
    const sections = [{ id, payload: Uint8Array.from(bytes) }];
    expect(() => read(sections)).toThrow(WasmFormatError);
  });
});
