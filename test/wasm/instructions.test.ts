/** The decoder knows the instructions that the engine knows, and what follows each of them. */
import { describe, expect, test } from '@jest/globals';

import { InstructionReader } from '../../src/wasm/instructions.js';
import { functionType, NumberType, withAppended } from '../../src/wasm/function.js';
import { WasmFormatError, WasmWriter } from '../../src/wasm/leb128.js';
import { SectionId, writeSections } from '../../src/wasm/module.js';
import {
  Immediate,
  IMMEDIATES,
  instructionNames,
  NUMERIC_BASE,
  opcode,
  OPCODE_LIMIT,
  VECTOR_BASE,
} from '../../src/wasm/opcodes.js';

const [UNREACHABLE, IF, ELSE, END, FUNCREF] = [0x00, 0x04, 0x05, 0x0b, 0x70];

/** A module with one of everything, whose function holds these bytes and some locals. */
function moduleWith(code: readonly number[]): Uint8Array {
  const body = new WasmWriter().sized(Uint8Array.of(1, 1, NumberType.i32, ...code)).toBytes();
  const section = (id: number, ...entries: Uint8Array[]) => ({
    id,
    payload: withAppended([], id, entries),
  });
  return writeSections([
    section(SectionId.type, functionType({ parameters: [], results: [] })),
    section(SectionId.function, Uint8Array.of(0)),
    section(SectionId.table, Uint8Array.of(FUNCREF, 0, 1)),
    section(SectionId.memory, Uint8Array.of(0, 1)),
    section(SectionId.global, Uint8Array.of(NumberType.i32, 1, 0x41, 0, END)),
    section(SectionId.export, new WasmWriter().name('f').byte(0).byte(0).toBytes()),
    section(SectionId.element, Uint8Array.of(1, 0, 0)),
    { id: SectionId.dataCount, payload: Uint8Array.of(1) },
    section(SectionId.code, body),
    section(SectionId.data, Uint8Array.of(1, 0)),
  ]);
}

function encoded(code: number): number[] {
  if (code < NUMERIC_BASE) return [code];
  const [prefix, number] =
    code < VECTOR_BASE ? [0xfc, code - NUMERIC_BASE] : [0xfd, code - VECTOR_BASE];
  return [prefix, ...new WasmWriter().u32(number).toBytes()];
}

const zeroes = (count: number): number[] => new Array<number>(count).fill(0);

/** The simplest thing that may follow, by the kind of immediate. */
const SAMPLES: Record<number, readonly number[]> = {
  [Immediate.unknown]: [],
  [Immediate.none]: [],
  [Immediate.blockType]: [0x40],
  [Immediate.index]: [0],
  [Immediate.twoIndices]: [0, 0],
  [Immediate.labels]: [1, 0, 0],
  [Immediate.valueTypes]: [1, NumberType.i32],
  [Immediate.memory]: [0, 0],
  [Immediate.memoryLane]: [0, 0, 0],
  [Immediate.lane]: [0],
  [Immediate.number32]: [FUNCREF],
  [Immediate.number64]: [0xff, 0x7f],
  [Immediate.bytes4]: zeroes(4),
  [Immediate.bytes8]: zeroes(8),
  [Immediate.bytes16]: zeroes(16),
};

/** A body with this instruction. Behind `unreachable` any operands are there. */
function bodyWith(code: number): number[] {
  const instruction = [...encoded(code), ...SAMPLES[IMMEDIATES[code]!]!];
  if (code === END) return [UNREACHABLE, END];
  if (code === ELSE) return [UNREACHABLE, IF, 0x40, ELSE, END, END];
  const closing = IMMEDIATES[code] === Immediate.blockType ? [UNREACHABLE, END] : [];
  return [UNREACHABLE, ...instruction, ...closing, UNREACHABLE, END];
}

const ALL = Array.from({ length: OPCODE_LIMIT }, (_, code) => code);

test('every instruction of the table is one of the engine, and has what follows it', () => {
  const known = ALL.filter((code) => IMMEDIATES[code] !== Immediate.unknown);
  const refused = known.filter(
    (code) => !WebAssembly.validate(moduleWith(bodyWith(code)) as BufferSource),
  );
  expect(refused.map(encoded)).toEqual([]);
  expect(known.length).toBe(instructionNames().length);
});

test('the table lacks no instruction of the engine', () => {
  const unknown = ALL.filter((code) => IMMEDIATES[code] === Immediate.unknown);
  const accepted = unknown.filter((code) =>
    WebAssembly.validate(moduleWith(bodyWith(code)) as BufferSource),
  );
  expect(accepted.map(encoded)).toEqual([]);
});

test('every instruction is read to its end', () => {
  for (const code of ALL.filter((each) => IMMEDIATES[each] !== Immediate.unknown)) {
    const body = bodyWith(code);
    const reader = new InstructionReader(Uint8Array.from(body));
    const seen: number[] = [];
    while (reader.next()) seen.push(reader.opcode);
    expect(seen).toContain(code);
    expect(reader.end).toBe(body.length);
  }
});

test.each([
  ['return_call_indirect', 0x13],
  ['select_typed', 0x1c],
  ['i64.store32', 0x3e],
  ['memory.grow', 0x40],
  ['i32.ge_u', 0x4f],
  ['f64.ge', 0x66],
  ['i32.rotr', 0x78],
  ['i64.div_u', 0x80],
  ['f64.copysign', 0xa6],
  ['i64.extend_i32_u', 0xad],
  ['f64.reinterpret_i64', 0xbf],
  ['i64.extend32_s', 0xc4],
  ['i64.trunc_sat_f64_u', NUMERIC_BASE + 7],
  ['table.fill', NUMERIC_BASE + 17],
  ['v128.store', VECTOR_BASE + 0x0b],
  ['i32x4.ge_u', VECTOR_BASE + 0x40],
  ['f64x2.ge', VECTOR_BASE + 0x4c],
  ['i8x16.avgr_u', VECTOR_BASE + 0x7b],
  ['i16x8.mul', VECTOR_BASE + 0x95],
  ['i32x4.dot_i16x8_s', VECTOR_BASE + 0xba],
  ['i64x2.mul', VECTOR_BASE + 0xd5],
  ['i64x2.extmul_high_i32x4_u', VECTOR_BASE + 0xdf],
  ['f32x4.sqrt', VECTOR_BASE + 0xe3],
  ['f64x2.convert_low_i32x4_u', VECTOR_BASE + 0xff],
])('%s has its number of the specification', (name, code) => {
  expect(opcode(name)).toBe(code);
});

describe('refused is', () => {
  test.each([
    ['an unknown opcode', [0x06, 0x40, END]],
    ['a thread', [0xfe, 0x03, 0, END]],
    ['an unknown conversion', [0xfc, 18, END]],
    ['an opcode far away', [0xfc, 0x80, 0x02, END]],
    ['a relaxed vector', [0xfd, 0x80, 0x02, END]],
    ['a body without end', [0x01]],
    ['a block without end', [0x02, 0x40, END]],
    ['a body that goes on after its end', [END, 0x01]],
    ['an operand that is cut off', [0x43, 0, 0]],
    ['a number of 33 bits', [0x20, 0xff, 0xff, 0xff, 0xff, 0x1f, END]],
    ['a constant of eleven bytes', [0x42, ...new Array<number>(11).fill(0x80), 0, END]],
    ['more labels than bytes', [0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]],
    ['a second memory', [0x28, 0x42, 1, 0, END]],
  ])('%s', (_name, code) => {
    const reader = new InstructionReader(Uint8Array.from(code));
    expect(() => {
      while (reader.next());
    }).toThrow(WasmFormatError);
  });
});

test('an instruction that does not exist has no opcode', () => {
  expect(() => opcode('i32.sqrt')).toThrow('i32.sqrt');
});
