/** Ordered maps, of either layout. */
import { BTreeMap } from '../../../src/lib/btree-map.js';
import type { Codec, KeyCodec } from '../../../src/lib/codec.js';
import type { Memory } from '../../../src/lib/memory.js';
import { codecNamed } from '../types.js';
import {
  read,
  unknownOperation,
  write,
  type Opener,
  type Operation,
  type Subject,
  type Types,
} from './subject.js';

/** A map of layout 1 stays one until it is opened again: from then on new nodes are of layout 2. */
const LAYOUTS: readonly Types['layout'][] = [undefined, 1, 2, '1 then reopened with init (2)'];

/** `undefined` for a layout that we do not know. */
export function btreeMapOpener({ key, value, layout }: Types): Opener | undefined {
  if (!LAYOUTS.includes(layout)) return undefined;
  const [keys, values] = [codecNamed(key!), codecNamed(value!)];
  const isV1 = layout !== undefined && layout !== 2;
  return ([memory]) => new BTreeMapSubject(open(memory!, keys, values, isV1), keys, values);
}

function open(
  memory: Memory,
  keys: KeyCodec<unknown>,
  values: Codec<unknown>,
  isV1: boolean,
): BTreeMap<unknown, unknown> {
  const isNew = memory.size() === 0;
  return isNew && isV1
    ? BTreeMap.createV1(memory, keys, values)
    : BTreeMap.init(memory, keys, values);
}

class BTreeMapSubject implements Subject {
  constructor(
    readonly map: BTreeMap<unknown, unknown>,
    readonly keys: KeyCodec<unknown>,
    readonly values: Codec<unknown>,
  ) {}

  apply(operation: Operation): unknown {
    const { op, k, v, limit } = operation;
    switch (op) {
      case 'insert':
        return this.#change(k!, (key) => this.map.insert(key, read(this.values, v!)));
      case 'remove':
        return this.#change(k!, (key) => this.map.remove(key));
      case 'popFirst':
        return this.#entry(this.map.popFirst());
      case 'popLast':
        return this.#entry(this.map.popLast());
      case 'rangeFrom':
        return this.#rangeFrom(read(this.keys, k!), limit!);
      case 'len':
        return this.map.length;
      default:
        throw unknownOperation(operation);
    }
  }

  close(): void {
    this.map.intoMemory();
  }

  #rangeFrom(key: unknown, limit: number): unknown[] {
    const entries = [];
    for (const entry of this.map.entries({ gte: key })) {
      if (entries.length === limit) break;
      entries.push(this.#entry(entry));
    }
    return entries;
  }

  /** Asks first whether the key is there: the old value of a unit is `undefined` like none. */
  #change(hex: string, change: (key: unknown) => unknown): string | null {
    const key = read(this.keys, hex);
    const wasThere = this.map.containsKey(key);
    const oldValue = change(key);
    return wasThere || oldValue !== undefined ? write(this.values, oldValue) : null;
  }

  #entry(entry: readonly [unknown, unknown] | undefined): [string, string] | null {
    if (entry === undefined) return null;
    return [write(this.keys, entry[0]), write(this.values, entry[1])];
  }
}
