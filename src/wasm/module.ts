/**
 * A Wasm module as a list of sections, for the two places that edit modules instead of compiling
 * them: the link step (which renames imports and adds metadata) and the replica (which exports
 * what the host must see). Only what they need is decoded; every other byte passes through.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  magic "\0asm"
 *          4     4  version 1, little-endian
 *          8        sections: id (1 byte), payload size (LEB128 u32), payload
 *
 * Source: WebAssembly core specification, section 5.5 (modules).
 */
import { WasmFormatError, WasmReader, WasmWriter } from './leb128.js';

const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Section ids, section 5.5.2 of the specification. */
export const SectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** What an import or an export refers to. */
export const ExternKind = { function: 0, table: 1, memory: 2, global: 3 } as const;

export interface Section {
  readonly id: number;
  readonly payload: Uint8Array;
}

export interface WasmImport {
  readonly module: string;
  readonly name: string;
  readonly kind: number;
  /** The type that follows the kind, as it stands in the binary. */
  readonly type: Uint8Array;
}

export interface WasmExport {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

/** Splits a module into its sections. Throws `WasmFormatError` where the bytes are no module. */
export function readSections(wasm: Uint8Array): Section[] {
  const reader = new WasmReader(wasm);
  const header = reader.take(HEADER.length);
  if (!header.every((byte, index) => byte === HEADER[index])) {
    throw new WasmFormatError('expected a Wasm module (magic "\\0asm", version 1)');
  }
  const sections: Section[] = [];
  while (!reader.done) sections.push({ id: reader.byte(), payload: reader.sized() });
  return sections;
}

/** The inverse of {@link readSections}. */
export function writeSections(sections: readonly Section[]): Uint8Array {
  const writer = new WasmWriter().raw(HEADER);
  for (const section of sections) writer.byte(section.id).sized(section.payload);
  return writer.toBytes();
}

/** The payload of the section with this id; empty where the module has none. */
export function sectionPayload(sections: readonly Section[], id: number): Uint8Array | undefined {
  return sections.find((section) => section.id === id)?.payload;
}

/** How many entries the vector of a section has. */
export function entryCount(sections: readonly Section[], id: number): number {
  const payload = sectionPayload(sections, id);
  return payload === undefined ? 0 : new WasmReader(payload).u32();
}

/**
 * The sections with the payload of one replaced, or, where the module had no such section, with
 * the new one in the place that the specification's order gives it.
 */
export function withSection(
  sections: readonly Section[],
  id: number,
  payload: Uint8Array,
): Section[] {
  const replaced = { id, payload };
  if (sections.some((section) => section.id === id)) {
    return sections.map((section) => (section.id === id ? replaced : section));
  }
  const follows = (section: Section): boolean =>
    section.id !== SectionId.custom && sectionOrder(section.id) > sectionOrder(id);
  const at = sections.findIndex(follows);
  return at < 0
    ? [...sections, replaced]
    : [...sections.slice(0, at), replaced, ...sections.slice(at)];
}

/** The data count section stands before the code, although its number came later. */
function sectionOrder(id: number): number {
  return id === SectionId.dataCount ? SectionId.element + 0.5 : id;
}

export function readImports(sections: readonly Section[]): WasmImport[] {
  const payload = sectionPayload(sections, SectionId.import);
  if (payload === undefined) return [];
  const reader = new WasmReader(payload);
  return Array.from({ length: reader.count() }, () => {
    const module = reader.name();
    const name = reader.name();
    const kind = reader.byte();
    const start = reader.offset;
    skipExternType(reader, kind);
    return { module, name, kind, type: payload.subarray(start, reader.offset) };
  });
}

export function writeImports(imports: readonly WasmImport[]): Uint8Array {
  const writer = new WasmWriter().u32(imports.length);
  for (const { module, name, kind, type } of imports) {
    writer.name(module).name(name).byte(kind).raw(type);
  }
  return writer.toBytes();
}

export function readExports(sections: readonly Section[]): WasmExport[] {
  const payload = sectionPayload(sections, SectionId.export);
  if (payload === undefined) return [];
  const reader = new WasmReader(payload);
  return Array.from({ length: reader.count() }, () => ({
    name: reader.name(),
    kind: reader.byte(),
    index: reader.u32(),
  }));
}

export function writeExports(exports: readonly WasmExport[]): Uint8Array {
  const writer = new WasmWriter().u32(exports.length);
  for (const { name, kind, index } of exports) writer.name(name).byte(kind).u32(index);
  return writer.toBytes();
}

/** A custom section with a name, such as `icp:public candid:service`. */
export function customSection(name: string, content: Uint8Array): Section {
  return { id: SectionId.custom, payload: new WasmWriter().name(name).raw(content).toBytes() };
}

/** The custom sections by name; where a name stands twice, the first. */
export function readCustomSections(sections: readonly Section[]): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const section of sections) {
    if (section.id !== SectionId.custom) continue;
    const reader = new WasmReader(section.payload);
    const name = reader.name();
    if (!found.has(name)) found.set(name, reader.rest());
  }
  return found;
}

function skipExternType(reader: WasmReader, kind: number): void {
  switch (kind) {
    case ExternKind.function:
      reader.u32();
      return;
    case ExternKind.table:
      reader.byte();
      skipLimits(reader);
      return;
    case ExternKind.memory:
      skipLimits(reader);
      return;
    case ExternKind.global:
      reader.take(2);
      return;
    default:
      throw new WasmFormatError(`unknown import kind ${kind} before offset ${reader.offset}`);
  }
}

function skipLimits(reader: WasmReader): void {
  const hasMaximum = (reader.byte() & 1) === 1;
  reader.u32();
  if (hasMaximum) reader.u32();
}
