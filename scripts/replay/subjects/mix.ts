/**
 * Many structures under one memory manager. The header says what lies in each memory:
 *
 *     {"0": "BTreeMap text->bytes", "1": "Log index, item text", "2": "Log data",
 *      "3": "Cell u64, default 0", "4": "Vec u32"}
 *
 * An operation names its structure by the id of its memory, a log's by that of its index.
 */
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import type { Memory } from '../../../src/lib/memory.js';
import { codecNamed } from '../types.js';
import { write, type Header, type Opener, type Subject, type Types } from './subject.js';

const LOG_DATA = 'Log data';

/** The openers of all structures, each with the ids of its memories, in the order of the ids. */
interface Place {
  readonly open: Opener;
  readonly ids: readonly number[];
}

/** `undefined` where there is a structure that `openerOf` does not know. */
export function mixOpener(
  { bucketPages, memories }: Header,
  openerOf: (types: Types) => Opener | undefined,
): Opener | undefined {
  const places = placesOf(memories as Readonly<Record<string, string>>, openerOf);
  if (places === undefined) return undefined;
  return ([memory]) => openMix(memory!, bucketPages!, places);
}

function openMix(memory: Memory, bucketSizeInPages: number, places: readonly Place[]): Subject {
  const manager = MemoryManager.init(memory, { bucketSizeInPages });
  const subjects = new Map(
    places.map(({ open, ids }) => [ids[0]!, open(ids.map((id) => manager.get(id)))]),
  );
  return {
    apply(operation) {
      const subject = subjects.get(operation.m!);
      if (subject === undefined) throw new Error(`no structure in memory ${operation.m}`);
      return subject.apply(operation);
    },
    close() {
      subjects.forEach((subject) => subject.close());
      manager.intoMemory();
    },
  };
}

function placesOf(
  memories: Readonly<Record<string, string>>,
  openerOf: (types: Types) => Opener | undefined,
): Place[] | undefined {
  const described = Object.entries(memories).map(([id, words]) => ({ id: Number(id), words }));
  const dataIds = described.filter(({ words }) => words === LOG_DATA).map(({ id }) => id);
  const places: Place[] = [];
  for (const { id, words } of described) {
    if (words === LOG_DATA) continue;
    const types = typesIn(words);
    const open = openerOf(types);
    if (open === undefined) return undefined;
    places.push({ open, ids: types.structure === 'Log' ? [id, dataIds.shift()!] : [id] });
  }
  return places;
}

/** The types in a description. */
export function typesIn(words: string): Types {
  const [structure, ...rest] = words.split(' ');
  const description = rest.join(' ');
  switch (structure) {
    case 'BTreeMap': {
      const [key, value] = description.split('->');
      return { structure, key: key!, value: value! };
    }
    case 'BTreeSet':
      return { structure, key: description };
    case 'Log':
      return { structure, item: description.replace(/^index, item /, '') };
    case 'Cell': {
      const [value, defaultWords] = description.split(', default ');
      return { structure, value: value!, default: encodedDefault(value!, defaultWords!) };
    }
    default:
      return { structure: structure!, item: description };
  }
}

/** A default is written as people write it: `0` for a number, the text itself for a text. */
function encodedDefault(type: string, words: string): string {
  if (type === 'text') return write(codecNamed(type), words);
  return write(codecNamed(type), /^u(64|128)$/.test(type) ? BigInt(words) : Number(words));
}
