/**
 * Rewrites a canister's module so that the host can do its work. A canister exports its entry
 * points and, as a rule, its memory. The host needs more: the function table to run callbacks, and
 * the globals to undo a trap and to take a snapshot. So their exports are added, under names that
 * no canister uses.
 *
 * The start function would run on every instantiation, also on one that only serves a roll-back. So
 * it becomes an ordinary export, `canister_start`, which installation calls once.
 *
 * Source: specs/replica.md sections 4.1 ("Binary shape") and 6.1.
 */
import { readGlobals, ValueType, type WasmGlobal } from '../../wasm/global.js';
import { WasmFormatError, WasmReader } from '../../wasm/leb128.js';
import {
  ExternKind,
  readExports,
  readImports,
  readSections,
  SectionId,
  sectionPayload,
  withSection,
  writeExports,
  writeSections,
  type Section,
  type WasmExport,
} from '../../wasm/module.js';
import { ExportName } from '../entry-point.js';

export const MEMORY_EXPORT = '__replica_memory';
export const TABLE_EXPORT = '__replica_table';
export const GLOBAL_EXPORT_PREFIX = '__replica_global_';

/** The value types of globals that JavaScript can read, as they stand in the names of exports. */
const GLOBAL_TYPES: ReadonlyMap<number, string> = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
]);

/** Throws `WasmFormatError` where the bytes are no module that can be exposed. */
export function expose(wasm: Uint8Array): Uint8Array {
  const sections = readSections(wasm);
  const added: WasmExport[] = [...stateGlobals(sections)];
  if (definesOne(sections, SectionId.memory)) {
    added.push({ name: MEMORY_EXPORT, kind: ExternKind.memory, index: 0 });
  }
  if (definesOne(sections, SectionId.table)) {
    added.push({ name: TABLE_EXPORT, kind: ExternKind.table, index: 0 });
  }
  const start = sectionPayload(sections, SectionId.start);
  if (start !== undefined) {
    const index = new WasmReader(start).u32();
    added.push({ name: ExportName.start, kind: ExternKind.function, index });
  }
  const exports = writeExports([...readExports(sections), ...added]);
  const withoutStart = sections.filter((section) => section.id !== SectionId.start);
  return writeSections(withSection(withoutStart, SectionId.export, exports));
}

/**
 * The globals that belong to the state of a canister: first the ones that it exports itself, then
 * the other mutable ones. Snapshots list them in this order. The name of each export says all that
 * the host has to know: `__replica_global_<position> <mut or const> <type>`.
 */
function stateGlobals(sections: readonly Section[]): WasmExport[] {
  const imported = readImports(sections).filter(({ kind }) => kind === ExternKind.global).length;
  const globals = readGlobals(sections);
  const own = readExports(sections).filter(({ kind }) => kind === ExternKind.global);
  const others = [...globals.keys()]
    .map((position) => imported + position)
    .filter((index) => globals[index - imported]!.mutable)
    .filter((index) => own.every((each) => each.index !== index));
  return [...own.map((each) => each.index), ...others].flatMap((index, position) => {
    const global = globals[index - imported];
    const description = global && describe(global);
    if (description === undefined) return [];
    const name = `${GLOBAL_EXPORT_PREFIX}${position} ${description}`;
    return [{ name, kind: ExternKind.global, index }];
  });
}

/** `mut i64` and the like; undefined for constants that JavaScript cannot read. */
function describe({ type, mutable }: WasmGlobal): string | undefined {
  if (mutable && type === ValueType.v128) {
    throw new WasmFormatError('a mutable global of type v128 cannot be restored after a trap');
  }
  const name = GLOBAL_TYPES.get(type);
  if (mutable) return `mut ${name ?? 'reference'}`;
  return name && `const ${name}`;
}

/** Tables and memories both have number 0 where the module defines any and imports none. */
function definesOne(sections: readonly Section[], id: number): boolean {
  const payload = sectionPayload(sections, id);
  return payload !== undefined && new WasmReader(payload).u32() > 0;
}
