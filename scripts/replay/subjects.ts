/**
 * The structures that reference sequences drive. A subject takes one operation as it stands in a
 * sequence, does it through the public interface, and answers in the words of the sequence: keys
 * and values as the hexadecimal text of their encoding. They are decoded on the way in and encoded
 * on the way out, so that a replay also proves the codecs.
 */
import { BTreeMap } from '../../src/lib/btree-map.js';
import { encodeChecked, type Codec, type KeyCodec } from '../../src/lib/codec.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codecNamed } from './types.js';

/** The first line of a sequence. */
export interface Header {
  readonly case: string;
  readonly structure: string;
  readonly layout?: number | string;
  readonly key?: string;
  readonly value?: string;
  readonly bucketPages?: number;
}

/** Any further line: an operation, its arguments and, where it has one, the result `r`. */
export interface Operation {
  readonly op: string;
  readonly k?: string;
  readonly v?: string;
  readonly limit?: number;
  readonly id?: number;
  readonly pages?: number;
  readonly offset?: number;
  readonly r?: unknown;
}

/** A structure under replay. */
export interface Subject {
  /** Does an operation and returns its result, `undefined` where it has none. */
  apply(operation: Operation): unknown;

  /** The bytes of each memory. The name is empty where there is one only. */
  images(): ReadonlyMap<string, Uint8Array>;
}

/** The subject of a sequence over empty memory, `undefined` where we have no such structure. */
export function subjectOf(header: Header): Subject | undefined {
  if (header.structure === 'BTreeMap' && header.layout === 2) return new BTreeMapSubject(header);
  if (header.structure === 'MemoryManager') return new MemoryManagerSubject(header);
  return undefined;
}

class BTreeMapSubject implements Subject {
  readonly #memory = new VectorMemory();
  readonly #keys: KeyCodec<unknown>;
  readonly #values: Codec<unknown>;
  #map: BTreeMap<unknown, unknown>;

  constructor({ key, value }: Header) {
    this.#keys = codecNamed(key!);
    this.#values = codecNamed(value!);
    this.#map = this.#open();
  }

  apply({ op, k, v, limit }: Operation): unknown {
    switch (op) {
      case 'insert':
        return this.#change(k!, (key) => this.#map.insert(key, read(this.#values, v!)));
      case 'remove':
        return this.#change(k!, (key) => this.#map.remove(key));
      case 'popFirst':
        return this.#entry(this.#map.popFirst());
      case 'popLast':
        return this.#entry(this.#map.popLast());
      case 'rangeFrom':
        return this.#rangeFrom(read(this.#keys, k!), limit!);
      case 'len':
        return this.#map.length;
      case 'reopen':
        this.#map = this.#open();
        return undefined;
      default:
        throw unknownOperation(op);
    }
  }

  images(): ReadonlyMap<string, Uint8Array> {
    return new Map([['', this.#memory.toBytes()]]);
  }

  #open(): BTreeMap<unknown, unknown> {
    return BTreeMap.init(this.#memory, this.#keys, this.#values);
  }

  #rangeFrom(key: unknown, limit: number): unknown[] {
    const entries = [];
    for (const entry of this.#map.entries({ gte: key })) {
      if (entries.length === limit) break;
      entries.push(this.#entry(entry));
    }
    return entries;
  }

  /** Asks first whether the key is there: the old value of a unit is `undefined` like none. */
  #change(hex: string, change: (key: unknown) => unknown): string | null {
    const key = read(this.#keys, hex);
    const wasThere = this.#map.containsKey(key);
    const oldValue = change(key);
    return wasThere || oldValue !== undefined ? write(this.#values, oldValue) : null;
  }

  #entry(entry: readonly [unknown, unknown] | undefined): [string, string] | null {
    if (entry === undefined) return null;
    return [write(this.#keys, entry[0]), write(this.#values, entry[1])];
  }
}

class MemoryManagerSubject implements Subject {
  readonly #memory = new VectorMemory();
  readonly #bucketSizeInPages: number;
  #manager: MemoryManager;

  constructor({ bucketPages }: Header) {
    this.#bucketSizeInPages = bucketPages!;
    this.#manager = this.#open();
  }

  apply({ op, id, pages, offset, v }: Operation): unknown {
    switch (op) {
      case 'grow':
        return this.#manager.get(id!).grow(pages!);
      case 'write':
        this.#manager.get(id!).write(offset!, fromHex(v!));
        return undefined;
      case 'reopen':
        this.#manager = this.#open();
        return undefined;
      default:
        throw unknownOperation(op);
    }
  }

  images(): ReadonlyMap<string, Uint8Array> {
    return new Map([['', this.#memory.toBytes()]]);
  }

  #open(): MemoryManager {
    return MemoryManager.init(this.#memory, { bucketSizeInPages: this.#bucketSizeInPages });
  }
}

function read(codec: Codec<unknown>, hex: string): unknown {
  return codec.decode(fromHex(hex));
}

function write(codec: Codec<unknown>, value: unknown): string {
  return toHex(encodeChecked(codec, value));
}

function unknownOperation(op: string): Error {
  return new Error(`the replay has no operation ${op}`);
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
