/** Instructions as bytes, compared with what an assembler makes of the text. */
import { expect, test } from '@jest/globals';

import { assemble, EMPTY_BLOCK } from '../../src/wasm/assemble.js';

test.each([
  [['global.get', 200] as const, [0x23, 0xc8, 0x01]],
  [['i64.const', 63] as const, [0x42, 0x3f]],
  [['i64.const', 64] as const, [0x42, 0xc0, 0x00]],
  [['i32.const', -1] as const, [0x41, 0x7f]],
  [['i32.const', -129] as const, [0x41, 0xff, 0x7e]],
  [['i64.const', -(2 ** 63)] as const, [0x42, ...new Array<number>(9).fill(0x80), 0x7f]],
  [['if', EMPTY_BLOCK] as const, [0x04, 0x40]],
  [['i64.sub'] as const, [0x7d]],
])('%p', (instruction, bytes) => {
  expect([...assemble(instruction)]).toEqual(bytes);
});
