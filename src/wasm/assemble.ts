/**
 * Instructions as bytes, for the few that are written here and not by a compiler. Each is its name
 * and its operands: `['global.get', 3]`.
 *
 * Source: WebAssembly core specification, section 5.4 (instructions).
 */
import { WasmWriter } from './leb128.js';
import { opcode } from './opcodes.js';

export type Instruction = readonly [name: string, ...operands: number[]];

/** The type of a block that takes and gives nothing. */
export const EMPTY_BLOCK = 0x40;

/** PRECONDITION: no instruction has a prefix, none has bytes for operands. */
export function assemble(...instructions: readonly Instruction[]): Uint8Array {
  const writer = new WasmWriter();
  for (const [name, ...operands] of instructions) {
    writer.byte(opcode(name));
    for (const operand of operands) {
      if (name.endsWith('.const')) writer.signed(operand);
      else writer.u32(operand);
    }
  }
  return writer.toBytes();
}
