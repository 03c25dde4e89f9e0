/**
 * The global section: which globals a module defines and whether they are mutable. The replica
 * needs it to export the mutable ones, because a roll-back must restore them.
 *
 *     vec(global):  value type (1 byte)  mutability (0 or 1)  constant expression, ends with 0x0b
 *
 * Source: WebAssembly core specification, sections 5.5.9 (globals) and 3.3.10 (constant
 * expressions).
 */
import { WasmFormatError, WasmReader } from './leb128.js';
import { SectionId, sectionPayload, type Section } from './module.js';

export interface WasmGlobal {
  readonly type: number;
  readonly mutable: boolean;
}

/** The globals that the module defines; imported ones come before them in the index space. */
export function readGlobals(sections: readonly Section[]): WasmGlobal[] {
  const payload = sectionPayload(sections, SectionId.global);
  if (payload === undefined) return [];
  const reader = new WasmReader(payload);
  return Array.from({ length: reader.count() }, () => {
    const type = reader.byte();
    const mutable = reader.byte() === 1;
    skipConstantExpression(reader);
    return { type, mutable };
  });
}

const Opcode = {
  end: 0x0b,
  globalGet: 0x23,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  refNull: 0xd0,
  refFunc: 0xd2,
  vector: 0xfd,
} as const;

const V128_CONST_SIZE = 16;

function skipConstantExpression(reader: WasmReader): void {
  for (;;) {
    const opcode = reader.byte();
    switch (opcode) {
      case Opcode.end:
        return;
      case Opcode.i32Const:
      case Opcode.i64Const:
      case Opcode.globalGet:
      case Opcode.refNull:
      case Opcode.refFunc:
        skipLeb128(reader);
        break;
      case Opcode.f32Const:
        reader.take(4);
        break;
      case Opcode.f64Const:
        reader.take(8);
        break;
      case Opcode.vector:
        skipLeb128(reader);
        reader.take(V128_CONST_SIZE);
        break;
      case Opcode.i32Add:
      case Opcode.i32Sub:
      case Opcode.i32Mul:
      case Opcode.i64Add:
      case Opcode.i64Sub:
      case Opcode.i64Mul:
        break;
      default:
        throw new WasmFormatError(
          `opcode 0x${opcode.toString(16)} has no place in a constant expression`,
        );
    }
  }
}

/** Passes over a number of any width and sign: it ends with the first byte below 0x80. */
function skipLeb128(reader: WasmReader): void {
  while (reader.byte() >= 0x80);
}
