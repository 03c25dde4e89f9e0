/**
 * Rewrites a canister's module so that it counts what it does. A counter says how many instructions
 * are left. Each block takes its cost from it (see `function-rewriter.ts`); where it has fallen
 * below zero the module stops itself.
 *
 * All that is added stands at the end of its index space, so nothing of the canister's own has to
 * be renumbered, and nothing has to be imported:
 *
 *     global    counter     i64           what is left; the host sets it before a message
 *     global    heap limit  i32           in pages; the host sets it before a message
 *     global    changed     i32           1 where a table or a segment is not as it was at first
 *     function  give up     () -> ()      nothing is left: marks the counter and traps
 *     function  take        (i32) -> i32  takes a length from the counter and gives it back
 *     function  grow        (i32) -> i32  `memory.grow`; past the limit it marks that and traps
 *
 * A mark is a value that its global cannot have otherwise. It tells the host why a trap happened.
 *
 * PRECONDITION: the module is valid. Else code that is not, such as an access to a global that does
 * not exist, could become valid through what is added.
 *
 * Source: specs/replica.md section 6.1.
 */
import {
  functionTypeIndices,
  readBodies,
  readFunctionTypes,
  withAppended,
} from '../../../wasm/function.js';
import { readGlobals } from '../../../wasm/global.js';
import { WasmWriter } from '../../../wasm/leb128.js';
import {
  entryCount,
  ExternKind,
  readImports,
  SectionId,
  withSection,
  type Section,
} from '../../../wasm/module.js';
import { FunctionRewriter } from './function-rewriter.js';
import { ADDED_GLOBALS, ADDED_TYPES, addedFunctions, type Places } from './additions.js';

export const COUNTER_EXPORT = '__replica_instructions_left';
export const HEAP_LIMIT_EXPORT = '__replica_heap_limit';
export const CHANGED_EXPORT = '__replica_changed';

/** Throws `WasmFormatError` where the code has instructions that canisters may not use. */
export function meter(sections: readonly Section[]): Section[] {
  const places = findPlaces(sections);
  // Without a memory there is nothing to grow.
  const functions = addedFunctions(places).slice(0, hasMemory(sections) ? 3 : 2);
  const firstType = readFunctionTypes(sections).length;
  const additions: readonly (readonly [number, readonly Uint8Array[]])[] = [
    [SectionId.type, ADDED_TYPES],
    [SectionId.function, functions.map(({ type }) => numberBytes(firstType + type))],
    [SectionId.global, ADDED_GLOBALS],
    [
      SectionId.export,
      [
        exportedGlobal(COUNTER_EXPORT, places.counter),
        exportedGlobal(HEAP_LIMIT_EXPORT, places.heapLimit),
        exportedGlobal(CHANGED_EXPORT, places.changed),
      ],
    ],
  ];
  const code = meterCode(
    sections,
    places,
    functions.map(({ body }) => body),
  );
  return additions.reduce(
    (made, [id, entries]) => withSection(made, id, withAppended(sections, id, entries)),
    withSection(sections, SectionId.code, code),
  );
}

function hasMemory(sections: readonly Section[]): boolean {
  return entryCount(sections, SectionId.memory) > 0;
}

function numberBytes(value: number): Uint8Array {
  return new WasmWriter().u32(value).toBytes();
}

function findPlaces(sections: readonly Section[]): Places {
  const imported = readImports(sections).filter(({ kind }) => kind === ExternKind.global).length;
  const counter = imported + readGlobals(sections).length;
  const giveUp = functionTypeIndices(sections).length;
  const [heapLimit, changed] = [counter + 1, counter + 2];
  return { counter, heapLimit, changed, giveUp, take: giveUp + 1, grow: giveUp + 2 };
}

function exportedGlobal(name: string, index: number): Uint8Array {
  return new WasmWriter().name(name).byte(ExternKind.global).u32(index).toBytes();
}

function meterCode(
  sections: readonly Section[],
  places: Places,
  added: readonly Uint8Array[],
): Uint8Array {
  const types = readFunctionTypes(sections);
  const bodies = readBodies(sections);
  const indices = functionTypeIndices(sections).slice(-bodies.length);
  const rewriter = new FunctionRewriter(places);
  const writer = new WasmWriter().u32(bodies.length + added.length);
  bodies.forEach((body, position) => {
    const { parameters } = types[indices[position]!]!;
    writer.sized(rewriter.rewrite(body, parameters.length));
  });
  for (const body of added) writer.sized(body);
  return writer.toBytes();
}
