/**
 * The functions of a module: their types and their bodies.
 *
 *     type section       vec(type):   0x60  vec(parameter type)  vec(result type)
 *     function section   vec(type index), one for each function that the module defines
 *     code section       vec(body):   size (u32)  locals  instructions, the last of them `end`
 *     locals             vec(group):  count (u32)  value type
 *
 * Imported functions have no body; they come first in the index space.
 *
 * Source: WebAssembly core specification, sections 5.3.6 (function types) and 5.5.4 to 5.5.13.
 */
import { WasmFormatError, WasmReader, WasmWriter } from './leb128.js';
import { ExternKind, readImports, SectionId, sectionPayload, type Section } from './module.js';

const FUNCTION_TYPE = 0x60;

/** The value types of numbers, section 5.3.1 of the specification. */
export const NumberType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;

export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export interface FunctionBody {
  /** The groups of locals, without their number, as they stand in the binary. */
  readonly locals: Uint8Array;
  readonly localGroups: number;
  /** How many locals there are besides the parameters. */
  readonly localCount: number;
  readonly code: Uint8Array;
}

export function readFunctionTypes(sections: readonly Section[]): FunctionType[] {
  return readVector(sections, SectionId.type, (reader) => {
    const form = reader.byte();
    if (form !== FUNCTION_TYPE) {
      const found = `found form 0x${form.toString(16)}`;
      throw new WasmFormatError(
        `expected a function type before offset ${reader.offset}, ${found}`,
      );
    }
    return { parameters: [...reader.sized()], results: [...reader.sized()] };
  });
}

export function functionType({ parameters, results }: FunctionType): Uint8Array {
  const writer = new WasmWriter().byte(FUNCTION_TYPE);
  return writer.sized(Uint8Array.from(parameters)).sized(Uint8Array.from(results)).toBytes();
}

/** The type of every function of the index space, imported ones first. */
export function functionTypeIndices(sections: readonly Section[]): number[] {
  const imported = readImports(sections)
    .filter(({ kind }) => kind === ExternKind.function)
    .map(({ type }) => new WasmReader(type).u32());
  return [...imported, ...readVector(sections, SectionId.function, (reader) => reader.u32())];
}

export function readBodies(sections: readonly Section[]): FunctionBody[] {
  return readVector(sections, SectionId.code, (reader) => {
    const body = new WasmReader(reader.sized());
    const localGroups = body.count();
    const start = body.offset;
    let localCount = 0;
    for (let group = 0; group < localGroups; group++) {
      localCount += body.u32();
      body.byte();
    }
    const locals = body.bytes.subarray(start, body.offset);
    return { locals, localGroups, localCount, code: body.rest() };
  });
}

/** A vector section with more entries at its end, given as they stand in the binary. */
export function withAppended(
  sections: readonly Section[],
  id: number,
  entries: readonly Uint8Array[],
): Uint8Array {
  const reader = new WasmReader(sectionPayload(sections, id) ?? Uint8Array.of(0));
  const writer = new WasmWriter().u32(reader.u32() + entries.length).raw(reader.rest());
  for (const entry of entries) writer.raw(entry);
  return writer.toBytes();
}

function readVector<Entry>(
  sections: readonly Section[],
  id: number,
  read: (reader: WasmReader) => Entry,
): Entry[] {
  const payload = sectionPayload(sections, id);
  if (payload === undefined) return [];
  const reader = new WasmReader(payload);
  const entries = Array.from({ length: reader.count() }, () => read(reader));
  if (reader.done) return entries;
  throw new WasmFormatError(`section ${id} goes on after its last entry`);
}
