/** The recipes of the memory manager: under structures, and by itself. */
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { Cell } from '../../../src/lib/cell.js';
import { bytes, text, u64 } from '../../../src/lib/codecs/index.js';
import { Log } from '../../../src/lib/log.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { safeWrite, WASM_PAGE_SIZE, type Memory } from '../../../src/lib/memory.js';
import { Vec } from '../../../src/lib/vec.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { RustGenerator } from './rust-generator.js';
import { begin, contentsOf, type Stage } from './stage.js';

/** Five structures that grow in turns. */
export function* s11(): Generator<Stage> {
  const g = new RustGenerator(11);
  const { structure, stage } = begin(openFive);
  const { map, vec, log, cell } = structure;
  yield stage('s11_a');
  for (let turn = 0; turn < 600; turn++) {
    const key = BigInt(g.below(200));
    map.insert(key, g.bytes(g.below(2000)));
    for (let push = 0; push < 40; push++) vec.push(BigInt(g.next()));
    log.append('L'.repeat(g.below(1000)));
    cell.set('C'.repeat(g.below(100_000)));
  }
  yield stage('s11_b');
}

function openFive(memory: Memory) {
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 2 });
  const map = BTreeMap.init(manager.get(0), u64, bytes);
  const vec = Vec.init(manager.get(1), u64);
  const log = Log.init(manager.get(7), manager.get(8), text);
  const cell = Cell.init(manager.get(254), text, 'c');
  const all = [map, vec, log, cell];
  return {
    map,
    vec,
    log,
    cell,
    get: () => all.map(contentsOf),
    checkInvariants: () => all.map((each) => each.checkInvariants()).find((each) => each),
  };
}

/** The golden files of the crate: three memories are written, then read, at awkward offsets. */
export function* stability(): Generator<Stage> {
  const memory = new VectorMemory();
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
  const data = Uint8Array.from({ length: 2 * WASM_PAGE_SIZE + 901 }, (_, index) => index & 0xff);
  let turn = 0;
  const nextMemory = (): Memory => manager.get([1, 2, 0][turn++ % 3]!);
  for (let round = 0; round < 15; round++) {
    for (const offset of [0, 32_768, 65_535, 65_537, 163_840])
      safeWrite(nextMemory(), offset, data);
  }
  yield { images: new Map([['stability_write.golden', memory.toBytes()]]) };
  const read = new Uint8Array(4 * WASM_PAGE_SIZE);
  for (let round = 0; round < 12; round++) {
    nextMemory().read(0, read.subarray(0, 32_768));
    nextMemory().read(32_768 - 150, read.subarray(32_768, 65_536));
    nextMemory().read(65_536 - 473, read.subarray(65_536, 131_072));
    nextMemory().read(131_072, read.subarray(131_072));
  }
  yield { images: new Map([['stability_read.golden', read]]) };
}
