/**
 * Reads the instructions of a function body one after the other. A reader stands on one instruction
 * at a time: its opcode, and where it begins and ends. What follows the opcode is passed over, but
 * checked to be there and to be of the right form.
 *
 * Source: WebAssembly core specification, section 5.4 (instructions).
 */
import { WasmFormatError, WasmReader } from './leb128.js';
import {
  Immediate,
  IMMEDIATES,
  NUMERIC_BASE,
  opcode,
  OPCODE_LIMIT,
  PREFIX_NUMERIC,
  PREFIX_VECTOR,
  VECTOR_BASE,
} from './opcodes.js';

const NUMBER32_BYTES_MAX = 5;
const NUMBER64_BYTES_MAX = 10;
/** From here on the bits of an alignment have another meaning: a module with several memories. */
const ALIGNMENT_LIMIT = 0x40;

const BLOCK = opcode('block');
const IF = opcode('if');
const END = opcode('end');

export class InstructionReader {
  readonly #reader: WasmReader;
  /** How many blocks are open; the body itself is one. */
  #depth = 1;
  /** The instruction that the reader stands on, see `opcodes.ts`. */
  opcode = -1;
  start = 0;

  constructor(code: Uint8Array) {
    this.#reader = new WasmReader(code);
  }

  /** Where the next instruction begins. */
  get end(): number {
    return this.#reader.offset;
  }

  /** Steps on; false after the `end` of the body. Throws `WasmFormatError` if that is elsewhere. */
  next(): boolean {
    const reader = this.#reader;
    if (this.#depth === 0) {
      if (reader.done) return false;
      throw new WasmFormatError(`a function goes on after its end, at offset ${reader.offset}`);
    }
    this.start = reader.offset;
    this.opcode = this.#readOpcode();
    this.#skipImmediate(IMMEDIATES[this.opcode]!);
    if (this.opcode >= BLOCK && this.opcode <= IF) this.#depth++;
    else if (this.opcode === END) this.#depth--;
    return true;
  }

  #readOpcode(): number {
    const reader = this.#reader;
    const first = reader.byte();
    let code = first;
    if (first === PREFIX_NUMERIC) code = NUMERIC_BASE + reader.u32();
    else if (first === PREFIX_VECTOR) code = VECTOR_BASE + reader.u32();
    const limit = first === PREFIX_NUMERIC ? VECTOR_BASE : OPCODE_LIMIT;
    if (code < limit && IMMEDIATES[code] !== Immediate.unknown) return code;
    throw new WasmFormatError(
      `expected an instruction at offset ${this.start}, found ${describe(first, code)}`,
    );
  }

  #skipImmediate(immediate: number): void {
    const reader = this.#reader;
    switch (immediate) {
      case Immediate.none:
        return;
      case Immediate.index:
        reader.u32();
        return;
      case Immediate.twoIndices:
        reader.u32();
        reader.u32();
        return;
      case Immediate.memory:
        this.#skipMemoryAccess();
        return;
      case Immediate.blockType:
      case Immediate.number32:
        reader.skipNumber(NUMBER32_BYTES_MAX);
        return;
      case Immediate.number64:
        reader.skipNumber(NUMBER64_BYTES_MAX);
        return;
      case Immediate.labels:
        for (let count = reader.count(); count >= 0; count--) reader.u32();
        return;
      default:
        this.#skipRareImmediate(immediate);
    }
  }

  #skipRareImmediate(immediate: number): void {
    const reader = this.#reader;
    switch (immediate) {
      case Immediate.valueTypes:
        reader.skip(reader.count());
        return;
      case Immediate.memoryLane:
        this.#skipMemoryAccess();
        reader.skip(1);
        return;
      case Immediate.lane:
        reader.skip(1);
        return;
      case Immediate.bytes4:
        reader.skip(4);
        return;
      case Immediate.bytes8:
        reader.skip(8);
        return;
      default:
        reader.skip(16);
    }
  }

  #skipMemoryAccess(): void {
    const reader = this.#reader;
    if (reader.u32() >= ALIGNMENT_LIMIT) {
      throw new WasmFormatError(`expected an alignment before offset ${reader.offset}`);
    }
    reader.u32();
  }
}

function describe(first: number, code: number): string {
  if (first === PREFIX_NUMERIC) return `opcode 0xfc ${code - NUMERIC_BASE}`;
  if (first === PREFIX_VECTOR) return `opcode 0xfd ${code - VECTOR_BASE}`;
  return `opcode 0x${first.toString(16)}`;
}
