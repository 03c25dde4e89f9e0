/** The structures that reference sequences drive, by the names they have there. */
import { btreeMapOpener } from './btree-map.js';
import { btreeSetOpener } from './btree-set.js';
import { cellOpener } from './cell.js';
import { logOpener } from './log.js';
import { memoryManagerOpener } from './memory-manager.js';
import { minHeapOpener } from './min-heap.js';
import { mixOpener } from './mix.js';
import type { Header, Opener, Types } from './subject.js';
import { vecOpener } from './vec.js';

export type { Header, Opener, Operation, Subject } from './subject.js';

const OPENERS: Readonly<Record<string, (types: Types) => Opener | undefined>> = {
  BTreeMap: btreeMapOpener,
  BTreeSet: btreeSetOpener,
  Cell: cellOpener,
  Log: logOpener,
  MinHeap: minHeapOpener,
  Vec: vecOpener,
};

/** Opens what a sequence is about, `undefined` where we have no such structure. */
export function openerOf(header: Header): Opener | undefined {
  if (header.structure === 'MemoryManager') return memoryManagerOpener(header);
  if (header.structure === 'mix') return mixOpener(header, openerOfStructure);
  return openerOfStructure(header);
}

/** The names of its memories; the name is empty where there is one only. */
export function memoryNamesOf({ structure }: Header): readonly string[] {
  return structure === 'Log' ? ['index', 'data'] : [''];
}

function openerOfStructure(types: Types): Opener | undefined {
  return OPENERS[types.structure]?.(types);
}
