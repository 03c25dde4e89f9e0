/** The global section, whatever the initial values look like. */
import { describe, expect, test } from '@jest/globals';
import binaryen from 'binaryen';

import { readGlobals } from '../../src/wasm/global.js';
import { readSections, SectionId } from '../../src/wasm/module.js';

const I32 = 0x7f;
const I64 = 0x7e;

function globalsOf(wat: string): ReturnType<typeof readGlobals> {
  const module = binaryen.parseText(wat);
  return readGlobals(readSections(new Uint8Array(module.emitBinary())));
}

/** A section with one mutable i32, whose initial value is given as bytes. */
function globalsWith(...expression: number[]): ReturnType<typeof readGlobals> {
  return readGlobals([
    {
      id: SectionId.global,
      payload: Uint8Array.of(2, I32, 1, ...expression, I64, 0, 0x42, 0, 0x0b),
    },
  ]);
}

test('a module without globals has none', () => {
  expect(globalsOf('(module)')).toEqual([]);
});

test('types and mutability are read past values of every width', () => {
  const globals = globalsOf(`(module
    (global (mut i32) (i32.const -123456))
    (global i64 (i64.const -9007199254740993))
    (global (mut f32) (f32.const 1.5))
    (global f64 (f64.const 1.5))
    (global (mut i64) (i64.const 1)))`);
  expect(globals.map(({ mutable }) => mutable)).toEqual([true, false, true, false, true]);
  expect(globals[4]).toEqual({ type: I64, mutable: true });
});

describe('an initial value may be', () => {
  test.each([
    ['a constant', [0x41, 0xff, 0x7f, 0x0b]],
    ['another global', [0x23, 0, 0x0b]],
    ['a null reference', [0xd0, 0x70, 0x0b]],
    ['a function', [0xd2, 0x80, 0x01, 0x0b]],
    ['a vector', [0xfd, 0x0c, ...new Array<number>(16).fill(0x0b), 0x0b]],
    ['a sum', [0x41, 1, 0x41, 2, 0x6a, 0x0b]],
  ])('%s', (_name, expression) => {
    expect(globalsWith(...expression)).toEqual([
      { type: I32, mutable: true },
      { type: I64, mutable: false },
    ]);
  });

  test('nothing else', () => {
    expect(() => globalsWith(0x10, 0, 0x0b)).toThrow('opcode 0x10');
  });

  test('nothing that does not end', () => {
    expect(() =>
      readGlobals([{ id: SectionId.global, payload: Uint8Array.of(1, I32, 1, 0x41, 0) }]),
    ).toThrow('expected 1 bytes');
  });
});
