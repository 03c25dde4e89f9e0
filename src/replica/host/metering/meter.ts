/**
 * Rewrites a canister's module so that it counts what it does. A counter says how many instructions
 * are left. Each block takes its cost from it (see `blocks.ts`); where it has fallen below zero the
 * module stops itself.
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
  type FunctionBody,
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
import { findPoints, type Point } from './blocks.js';
import {
  ADDED_GLOBALS,
  ADDED_TYPES,
  addedBodies,
  callOf,
  checkRest,
  markChange,
  takeCost,
  type Places,
} from './helpers.js';

export const COUNTER_EXPORT = '__replica_instructions_left';
export const HEAP_LIMIT_EXPORT = '__replica_heap_limit';
export const CHANGED_EXPORT = '__replica_changed';

/** Throws `WasmFormatError` where the code has instructions that canisters may not use. */
export function meter(sections: readonly Section[]): Section[] {
  const places = findPlaces(sections);
  const typeCount = readFunctionTypes(sections).length;
  const bodies = entryCount(sections, SectionId.memory) === 0 ? 2 : 3;
  const typeIndices = [typeCount, typeCount + 1, typeCount + 1].slice(0, bodies);
  const appended = (id: number, entries: readonly Uint8Array[]): readonly [number, Uint8Array] => [
    id,
    withAppended(sections, id, entries),
  ];
  const rewritten = [
    appended(SectionId.type, ADDED_TYPES),
    appended(
      SectionId.function,
      typeIndices.map((index) => new WasmWriter().u32(index).toBytes()),
    ),
    appended(SectionId.global, ADDED_GLOBALS),
    appended(SectionId.export, [
      exportedGlobal(COUNTER_EXPORT, places.counter),
      exportedGlobal(HEAP_LIMIT_EXPORT, places.heapLimit),
      exportedGlobal(CHANGED_EXPORT, places.changed),
    ]),
    [
      SectionId.code,
      meterCode(readBodies(sections), places, addedBodies(places).slice(0, bodies)),
    ] as const,
  ];
  return rewritten.reduce((made, [id, payload]) => withSection(made, id, payload), [...sections]);
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
  bodies: readonly FunctionBody[],
  places: Places,
  added: readonly Uint8Array[],
): Uint8Array {
  const code = new MeteredCode(places);
  const writer = new WasmWriter().u32(bodies.length + added.length);
  for (const body of bodies) writer.sized(code.rewrite(body));
  for (const body of added) writer.raw(body);
  return writer.toBytes();
}

/** Rewrites functions. Made once for a module, since all its functions share the same pieces. */
class MeteredCode {
  readonly #writer = new WasmWriter();
  readonly #check: Uint8Array;
  readonly #take: Uint8Array;
  readonly #grow: Uint8Array;
  readonly #change: Uint8Array;
  /** The piece that takes a cost, by the cost. */
  readonly #costs = new Map<number, Uint8Array>();

  constructor(readonly places: Places) {
    this.#check = checkRest(places);
    this.#take = callOf(places.take);
    this.#grow = callOf(places.grow);
    this.#change = markChange(places);
  }

  /** The new body; good until the next one is made. */
  rewrite({ locals, code }: FunctionBody): Uint8Array {
    const writer = this.#writer.clear().raw(locals);
    let copied = 0;
    for (const point of findPoints(code)) {
      if (point.kind === 'block' && point.cost === 0) continue;
      writer.raw(code.subarray(copied, point.offset));
      this.#insert(point);
      copied = point.resume;
    }
    return writer.raw(code.subarray(copied)).view();
  }

  #insert({ kind, cost }: Point): void {
    const writer = this.#writer;
    switch (kind) {
      case 'length':
        writer.raw(this.#take);
        return;
      case 'grow':
        writer.raw(this.#grow);
        return;
      case 'change':
        writer.raw(this.#change);
        return;
      default:
        if (cost > 0) writer.raw(this.#cost(cost));
        if (kind === 'entry') writer.raw(this.#check);
    }
  }

  #cost(cost: number): Uint8Array {
    const known = this.#costs.get(cost);
    if (known !== undefined) return known;
    const piece = takeCost(this.places, cost);
    this.#costs.set(cost, piece);
    return piece;
  }
}
