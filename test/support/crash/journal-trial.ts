/**
 * Random transactions on a `JournaledMemory`, to be crashed: changes of a map, writes at random
 * places, growth, transactions that are undone, and checkpoints. What must be there after a crash is
 * compared byte by byte: the memory of the last transaction that was committed, or of the one that
 * was under way.
 */
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { blob, u32 } from '../../../src/lib/codecs/index.js';
import { JournaledMemory } from '../../../src/lib/journaled-memory.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { WASM_PAGE_SIZE, type Memory } from '../../../src/lib/memory.js';
import type { Storage } from '../../../src/lib/storage.js';
import { imageOf } from '../memories.js';
import { Chance } from './chance.js';
import type { CrashTrial } from './check-crashes.js';
import type { RecordingDisk } from './recording-disk.js';

/** Small, so that checkpoints come often. */
const CHECKPOINT_BYTES = 20_000;
const STEP_COUNT = 8;
/** The last pages are not the map's: writes go there at random. */
const RAW_MEMORY = 1;

/** Opens the memory whose files are on a disk. */
export function openJournaled(disk: RecordingDisk): JournaledMemory {
  return openOver(disk.open('image'), disk.open('journal'));
}

/** Opens it over other storages: with something between that leaves a step out. */
export function openOver(image: Storage, journal: Storage): JournaledMemory {
  return JournaledMemory.open(image, journal, { checkpointBytes: CHECKPOINT_BYTES });
}

/** A map and raw bytes in one memory. */
class World {
  readonly map: BTreeMap<number, Uint8Array>;
  readonly raw: Memory;

  constructor(readonly memory: JournaledMemory) {
    const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
    this.map = BTreeMap.init(manager.get(0), u32, blob(60));
    this.raw = manager.get(RAW_MEMORY);
  }

  /** One change that the chance picks. */
  change(chance: Chance): void {
    const kind = chance.below(10);
    if (kind < 6) this.map.insert(chance.below(60), new Uint8Array(chance.below(61)).fill(kind));
    else if (kind < 8) this.map.remove(chance.below(60));
    else if (kind === 8 && this.raw.size() < 2) this.raw.grow(1);
    else if (this.raw.size() > 0) this.#writeRaw(chance);
  }

  #writeRaw(chance: Chance): void {
    const bytes = new Uint8Array(1 + chance.below(9000)).fill(1 + chance.below(255));
    this.raw.write(chance.below(this.raw.size() * WASM_PAGE_SIZE - bytes.length), bytes);
  }
}

/** A trial whose `run` and `reopen` open the memory as they are told. */
export function journalTrial(
  seed: number,
  openToRun = openJournaled,
  openAfterCrash = openJournaled,
): CrashTrial<JournaledMemory> {
  /** The memory as a crash within a step may leave it at the earliest: after the step before it. */
  const states: Uint8Array[] = [new Uint8Array(0)];
  return {
    run(disk, stepDone) {
      const chance = new Chance(seed);
      let world = openWorld(openToRun(disk));
      for (let step = 0; step < STEP_COUNT; step++) {
        if (step > 0) world = doStep(world, chance);
        states.push(imageOf(world.memory));
        stepDone();
      }
    },
    reopen: openAfterCrash,
    check(memory, step) {
      const found = imageOf(memory);
      const allowed = [states[step]!, states[step + 1] ?? states[step]!];
      if (allowed.some((state) => Buffer.compare(state, found) === 0)) return;
      throw new Error(`the memory of ${found.length} bytes is that of no transaction`);
    },
    goOn(memory, step) {
      const chance = new Chance(1000 + step);
      const world = openWorld(memory);
      memory.transaction(() => times(3, () => world.change(chance)));
      const violation = world.map.checkInvariants();
      if (violation !== undefined) throw new Error(violation);
    },
  };
}

function openWorld(memory: JournaledMemory): World {
  return memory.transaction(() => new World(memory));
}

/** One write, or one transaction, whole or undone; gives the world with which the next one goes on. */
function doStep(world: World, chance: Chance): World {
  const { memory } = world;
  const kind = chance.below(8);
  if (kind === 0) {
    memory.write(memory.size() * WASM_PAGE_SIZE - 9, new Uint8Array(7).fill(chance.below(256)));
    return world;
  }
  if (kind === 1) memory.checkpoint();
  const isUndone = kind === 2;
  try {
    memory.transaction(() => {
      times(1 + chance.below(8), () => world.change(chance));
      if (isUndone) throw new Undone();
    });
    return world;
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
    return openWorld(memory.reopen());
  }
}

class Undone extends Error {}

function times(count: number, action: () => void): void {
  for (let index = 0; index < count; index++) action();
}
