import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { Cell } from '../../src/lib/cell.js';
import { text, u32 } from '../../src/lib/codecs/index.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { isJournalInUse } from '../../src/lib/journaled-memory/journal.js';
import { JournaledMemory } from '../../src/lib/journaled-memory.js';
import { asHeapMemory, WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { RestrictedMemory } from '../../src/lib/restricted-memory.js';
import { SVec } from '../../src/lib/s-vec.js';
import { Vec } from '../../src/lib/vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { RecordingDisk } from '../support/crash/recording-disk.js';
import { LimitedStorage } from '../support/limited-storage.js';
import { describeMemory } from '../support/memory-conformance.js';
import { codeOf, imageOf } from '../support/memories.js';
import { WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

const ROOM = 12 * WASM_PAGE_SIZE;

describeMemory('a journaled memory', () =>
  JournaledMemory.open(new LimitedStorage(ROOM), new HeapStorage()),
);

/** A memory on a disk, and how often the disk was synced since. */
function onDisk(options = {}) {
  const disk = new RecordingDisk();
  const open = (): JournaledMemory =>
    JournaledMemory.open(disk.open('image'), disk.open('journal'), options);
  const memory = open();
  let before = disk.syncs;
  const syncs = (): number => {
    const count = disk.syncs - before;
    before = disk.syncs;
    return count;
  };
  return { disk, memory, open, syncs };
}

const of = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

function bytesAt(memory: JournaledMemory, offset: number, length: number): number[] {
  const bytes = new Uint8Array(length);
  memory.read(offset, bytes);
  return [...bytes];
}

describe('a transaction', () => {
  test('gives what its function gives, and is there with one sync', () => {
    const { memory, open, syncs } = onDisk();
    const result = memory.transaction(() => {
      memory.grow(2);
      memory.write(WASM_PAGE_SIZE - 2, of(1, 2, 3, 4));
      memory.write(10, of(5));
      return 'done';
    });
    expect(result).toBe('done');
    expect(syncs()).toBe(1);
    const again = open();
    expect(again.size()).toBe(2);
    expect(bytesAt(again, WASM_PAGE_SIZE - 3, 6)).toEqual([0, 1, 2, 3, 4, 0]);
    expect(bytesAt(again, 9, 3)).toEqual([0, 5, 0]);
  });

  test('sees its own writes, over pages and parts of pages', () => {
    const { memory } = onDisk();
    memory.grow(1);
    memory.write(4090, of(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
    memory.transaction(() => {
      memory.write(4094, of(7, 8, 9));
      expect(bytesAt(memory, 4090, 12)).toEqual([1, 1, 1, 1, 7, 8, 9, 1, 1, 1, 1, 1]);
      expect(bytesAt(memory, 4096, 2)).toEqual([9, 1]);
      memory.write(4096, new Uint8Array(4096).fill(3));
      expect(bytesAt(memory, 8190, 4)).toEqual([3, 3, 0, 0]);
      expect(bytesAt(memory, 0, 0)).toEqual([]);
    });
    expect(bytesAt(memory, 4090, 12)).toEqual([1, 1, 1, 1, 7, 8, 3, 3, 3, 3, 3, 3]);
  });

  test('copies what it is given', () => {
    const { memory } = onDisk();
    memory.grow(1);
    const bytes = of(1, 2);
    memory.transaction(() => {
      memory.write(0, bytes);
      bytes.fill(9);
    });
    expect(bytesAt(memory, 0, 2)).toEqual([1, 2]);
  });

  test('that writes nothing costs nothing', () => {
    const { memory, disk } = onDisk();
    memory.grow(1);
    const events = disk.events.length;
    expect(memory.transaction(() => memory.size())).toBe(1);
    expect(disk.events).toHaveLength(events);
  });

  test('writes to the journal what lies between the first and the last byte of each page', () => {
    const { memory, disk } = onDisk();
    memory.grow(1);
    const events = disk.events.length;
    memory.transaction(() => {
      memory.write(100, of(1));
      memory.write(199, of(1));
      memory.write(8192, of(1));
    });
    const written = disk.events.slice(events).map((event) => {
      return event.kind === 'write' ? `${event.file} ${event.bytes.length}` : event.kind;
    });
    const record = 40 + 16 + 100 + 16 + 1;
    expect(written).toEqual([`journal ${record}`, 'sync', 'image 100', 'image 1']);
  });
});

describe('outside of a transaction', () => {
  test('each write and each grow is one of its own', () => {
    const { memory, open, syncs } = onDisk();
    memory.grow(1);
    expect(syncs()).toBe(1);
    memory.write(0, of(1, 2, 3));
    expect(syncs()).toBe(1);
    memory.write(0, of());
    memory.grow(0);
    bytesAt(memory, 0, 100);
    expect(syncs()).toBe(0);
    expect(bytesAt(open(), 0, 3)).toEqual([1, 2, 3]);
  });

  test('nothing shows the bytes of the image by another way', () => {
    expect(asHeapMemory(onDisk().memory)).toBeUndefined();
  });
});

describe('a transaction that throws', () => {
  test('is undone, and the memory refuses what was open on it', () => {
    const { memory } = onDisk();
    memory.grow(1);
    memory.write(0, of(1, 2, 3));
    const undone = (): void =>
      memory.transaction(() => {
        memory.grow(3);
        memory.write(1, of(9));
        throw new Error('no more');
      });
    expect(undone).toThrow('no more');
    const uses = [
      () => memory.size(),
      () => memory.grow(1),
      () => memory.read(0, of(0)),
      () => memory.write(0, of(0)),
      () => memory.transaction(() => 0),
      () => memory.checkpoint(),
      () => memory.sync(),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'ROLLED_BACK'));
    const again = memory.reopen();
    expect(again.size()).toBe(1);
    expect(bytesAt(again, 0, 3)).toEqual([1, 2, 3]);
    expect([...uses, () => memory.reopen(), () => memory.close()].map(codeOf)).toEqual(
      Array.from({ length: 9 }, () => 'HANDLE_CLOSED'),
    );
  });

  test('before it has written refuses nothing', () => {
    const { memory } = onDisk();
    memory.grow(1);
    expect(() =>
      memory.transaction(() => {
        throw new RangeError('first');
      }),
    ).toThrow(RangeError);
    memory.write(0, of(1));
    expect(bytesAt(memory, 0, 1)).toEqual([1]);
  });

  test('gives the room back that it had added', () => {
    const { memory, disk } = onDisk();
    memory.grow(1);
    expect(() =>
      memory.transaction(() => {
        memory.grow(4);
        expect(disk.image().get('image')).toHaveLength(5 * WASM_PAGE_SIZE);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(disk.image().get('image')).toHaveLength(WASM_PAGE_SIZE);
  });

  test('leaves a map as it was before', () => {
    const { memory } = onDisk();
    const users = memory.transaction(() => BTreeMap.init(memory, text, u32));
    memory.transaction(() => users.insert('ada', 1));
    expect(() =>
      memory.transaction(() => {
        users.insert('ada', 2);
        users.insert('grace', 3);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(codeOf(() => users.get('ada'))).toBe('ROLLED_BACK');
    expect(codeOf(() => users.insert('ada', 3))).toBe('ROLLED_BACK');
    expect([...BTreeMap.init(memory.reopen(), text, u32)]).toEqual([['ada', 1]]);
  });
});

test('what stands on parts of the memory is refused as well after a rollback', () => {
  const { memory } = onDisk();
  const [cell, vec] = memory.transaction(() => {
    const manager = MemoryManager.init(new RestrictedMemory(memory, 0, 8), {
      bucketSizeInPages: 1,
    });
    return [Cell.init(manager.get(0), u32, 1), Vec.init(manager.get(1), u32)];
  });
  const ended = BTreeMap.init(new RestrictedMemory(memory, 8, 9), u32, u32);
  const freed = ended.intoMemory();
  expect(() =>
    memory.transaction(() => {
      cell.set(2);
      vec.push(3);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect([() => cell.get(), () => vec.length].map(codeOf)).toEqual(['ROLLED_BACK', 'ROLLED_BACK']);
  expect(codeOf(() => ended.length)).toBe('HANDLE_CLOSED');
  expect(codeOf(() => freed.size())).toBe('ROLLED_BACK');
});

describe('a transaction whose function gives a promise', () => {
  test('is undone, and what comes after the await is refused', async () => {
    const { memory } = onDisk();
    memory.grow(1);
    let later: Promise<void> | undefined;
    const change = (): Promise<void> => {
      later = (async () => {
        await Promise.resolve();
        memory.write(0, of(1));
      })();
      return later;
    };
    expect(() => memory.transaction(change)).toThrow(TypeError);
    await expect(later).rejects.toMatchObject({ code: 'ROLLED_BACK' });
    expect(bytesAt(memory.reopen(), 0, 1)).toEqual([0]);
  });

  test('also where it has written before', () => {
    const { memory } = onDisk();
    memory.grow(1);
    const change = (): PromiseLike<void> => {
      memory.write(0, of(1));
      return Promise.resolve();
    };
    expect(() => memory.transaction(change)).toThrow(TypeError);
    expect(bytesAt(memory.reopen(), 0, 1)).toEqual([0]);
  });
});

test('a transaction within a transaction is refused, and so is what would end it', () => {
  const { memory } = onDisk();
  memory.grow(1);
  memory.transaction(() => {
    memory.write(0, of(1));
    const uses = [
      () => memory.transaction(() => 0),
      () => memory.checkpoint(),
      () => memory.sync(),
      () => memory.close(),
      () => memory.reopen(),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'REENTERED'));
  });
  expect(bytesAt(memory, 0, 1)).toEqual([1]);
});

describe('the image', () => {
  test('is complete after a checkpoint, which costs two syncs or none', () => {
    const { memory, disk, syncs } = onDisk();
    memory.grow(1);
    memory.write(3, of(1));
    syncs();
    memory.checkpoint();
    expect(syncs()).toBe(2);
    memory.checkpoint();
    memory.sync();
    expect(syncs()).toBe(0);
    const image = VectorMemory.from(disk.image().get('image')!);
    expect(Buffer.compare(imageOf(image), imageOf(memory))).toBe(0);
  });

  test('is complete after close, and its journal is not in use', () => {
    const { memory, disk, open, syncs } = onDisk();
    memory.grow(1);
    memory.write(3, of(1));
    expect(isJournalInUse(disk.open('journal'))).toBe(true);
    syncs();
    memory.close();
    expect(syncs()).toBe(2);
    expect(isJournalInUse(disk.open('journal'))).toBe(false);
    expect(disk.image().get('journal')).toHaveLength(512);
    expect(codeOf(() => memory.size())).toBe('HANDLE_CLOSED');
    expect(codeOf(() => memory.close())).toBe('HANDLE_CLOSED');
    memory[Symbol.dispose]();
    expect(bytesAt(open(), 3, 1)).toEqual([1]);
  });

  test('may be changed alone once it is closed, and is taken as it is', () => {
    const { memory, disk, open } = onDisk();
    memory.grow(1);
    memory.write(3, of(1));
    memory[Symbol.dispose]();
    disk.open('image').setLength(2 * WASM_PAGE_SIZE);
    disk.open('image').write(3, of(2));
    const again = open();
    expect(again.size()).toBe(2);
    expect(bytesAt(again, 3, 1)).toEqual([2]);
  });

  test('without a journal is opened as any image', () => {
    const image = new VectorMemory();
    const numbers = BTreeMap.init(image, u32, u32);
    numbers.insert(1, 2);
    const memory = JournaledMemory.open(new HeapStorage(image.toBytes()), new HeapStorage());
    expect([...BTreeMap.init(memory, u32, u32)]).toEqual([[1, 2]]);
  });

  test('is closed also after a rollback', () => {
    const { memory, disk, open } = onDisk();
    memory.grow(1);
    expect(() =>
      memory.transaction(() => {
        memory.write(0, of(1));
        throw new Error('no');
      }),
    ).toThrow('no');
    memory.close();
    expect(isJournalInUse(disk.open('journal'))).toBe(false);
    expect(bytesAt(open(), 0, 1)).toEqual([0]);
  });
});

describe('the journal', () => {
  test('begins anew when it holds as many bytes as it is told', () => {
    const { memory, syncs, disk } = onDisk({ checkpointBytes: 1000 });
    memory.grow(1);
    syncs();
    const counts: number[] = [];
    for (let write = 0; write < 6; write++) {
      memory.write(0, new Uint8Array(400).fill(write));
      counts.push(syncs());
    }
    expect(counts).toEqual([1, 1, 3, 1, 1, 3]);
    expect(disk.image().get('journal')!.length).toBeLessThan(2000);
  });

  test('gives the room of a large transaction back', () => {
    const { memory, disk } = onDisk({ checkpointBytes: 1000 });
    memory.grow(4);
    memory.write(0, new Uint8Array(200_000).fill(1));
    expect(disk.image().get('journal')).toHaveLength(1512);
  });

  const wrongBytes = [...WRONG_NUMBERS, ...WRONG_SIZES].filter(([, wrong]) => wrong !== undefined);

  test.each(wrongBytes)('takes no checkpointBytes of %s', (_, wrong) => {
    const options = { checkpointBytes: wrong as number };
    expect(() => JournaledMemory.open(new HeapStorage(), new HeapStorage(), options)).toThrow(
      /checkpointBytes: expected/,
    );
  });
});

test('structures in a stable heap are changed all together', () => {
  const { memory, open } = onDisk();
  const primes = memory.transaction(() =>
    StableMemoryAllocator.init(memory).root('primes', SVec.of(u32)),
  );
  memory.transaction(() => primes.pushMany([2, 3]));
  expect(() =>
    memory.transaction(() => {
      primes.pushMany([5, 7, 9]);
      throw new Error('9 is none');
    }),
  ).toThrow('9 is none');
  expect([...StableMemoryAllocator.init(open()).root('primes', SVec.of(u32))]).toEqual([2, 3]);
});
