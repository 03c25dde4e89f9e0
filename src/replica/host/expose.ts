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
import { NumberType } from '../../wasm/function.js';
import { readGlobals } from '../../wasm/global.js';
import { WasmReader } from '../../wasm/leb128.js';
import {
  entryCount,
  ExternKind,
  readExports,
  readImports,
  SectionId,
  sectionPayload,
  withSection,
  writeExports,
  type Section,
  type WasmExport,
} from '../../wasm/module.js';
import { ExportName } from '../entry-point.js';

export const MEMORY_EXPORT = '__replica_memory';
export const TABLE_EXPORT = '__replica_table';
export const GLOBAL_EXPORT_PREFIX = '__replica_global_';

/** The value types as they stand in the names of exports. */
const TYPE_NAMES = new Map<number, string>(
  Object.entries(NumberType).map(([name, type]) => [type, name]),
);

/** PRECONDITION: the module keeps the rules of `validation/`: all its globals are numbers. */
export function expose(sections: readonly Section[]): Section[] {
  const added: WasmExport[] = [...stateGlobals(sections)];
  if (entryCount(sections, SectionId.memory) > 0) {
    added.push({ name: MEMORY_EXPORT, kind: ExternKind.memory, index: 0 });
  }
  if (entryCount(sections, SectionId.table) > 0) {
    added.push({ name: TABLE_EXPORT, kind: ExternKind.table, index: 0 });
  }
  const start = sectionPayload(sections, SectionId.start);
  if (start !== undefined) {
    const index = new WasmReader(start).u32();
    added.push({ name: ExportName.start, kind: ExternKind.function, index });
  }
  const exports = writeExports([...readExports(sections), ...added]);
  const withoutStart = sections.filter((section) => section.id !== SectionId.start);
  return withSection(withoutStart, SectionId.export, exports);
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
  return [...own.map((each) => each.index), ...others].map((index, position) => {
    const { type, mutable } = globals[index - imported]!;
    const description = `${mutable ? 'mut' : 'const'} ${TYPE_NAMES.get(type)!}`;
    const name = `${GLOBAL_EXPORT_PREFIX}${position} ${description}`;
    return { name, kind: ExternKind.global, index };
  });
}
