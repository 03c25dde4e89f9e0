/**
 * Rewrites a canister's module so that the host can do its work. A canister exports its entry
 * points and, as a rule, its memory. The host needs more: the function table to run callbacks, and
 * the mutable globals to undo a trap. So their exports are added, under names that no canister
 * uses.
 *
 * The start function would run on every instantiation, also on one that only serves a roll-back. So
 * it becomes an ordinary export, `canister_start`, which installation calls once.
 *
 * Source: specs/replica.md sections 4.1 ("Binary shape") and 6.1.
 */
import { readGlobals, ValueType } from '../../wasm/global.js';
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

/** Throws `WasmFormatError` where the bytes are no module that can be exposed. */
export function expose(wasm: Uint8Array): Uint8Array {
  const sections = readSections(wasm);
  const added: WasmExport[] = [...mutableGlobals(sections)];
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

function mutableGlobals(sections: readonly Section[]): WasmExport[] {
  const imported = readImports(sections).filter(({ kind }) => kind === ExternKind.global).length;
  return readGlobals(sections).flatMap(({ type, mutable }, position) => {
    if (!mutable) return [];
    if (type === ValueType.v128) {
      throw new WasmFormatError('a mutable global of type v128 cannot be restored after a trap');
    }
    const index = imported + position;
    return [{ name: GLOBAL_EXPORT_PREFIX + index, kind: ExternKind.global, index }];
  });
}

/** Tables and memories both have number 0 where the module defines any and imports none. */
function definesOne(sections: readonly Section[], id: number): boolean {
  const payload = sectionPayload(sections, id);
  return payload !== undefined && new WasmReader(payload).u32() > 0;
}
