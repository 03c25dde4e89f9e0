/** A canister's stable memory is the same thing in Node: it opens there, and goes back. */
import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MapPair } from '../../src/canister/scan.js';
import { FileMemory, importImage } from '../../src/lib/host/index.js';
import {
  BTreeMap,
  bytes,
  MemoryManager,
  text,
  VectorMemory,
  type Memory,
} from '../../src/lib/index.js';
import { scratchFolder } from '../support/scratch.js';
import { connect, DataCanister, ok, value, type MapInfo } from './support/data-canister.js';

const path = scratchFolder();

let pic: PocketIc;
let data: DataCanister;
let towns: MapInfo;

beforeAll(async () => {
  pic = await connect();
  data = await DataCanister.install(pic);
  towns = await data.createMap('towns', 'text');
  const entries = Array.from({ length: 400 }, (_, number) => ({
    key: { text: `town ${number}` },
    value: value(number, number * 3),
  }));
  ok(await data.actor.insert_many('towns', entries));
});

afterAll(() => pic.tearDown());

function openTowns(memory: Memory): BTreeMap<string, Uint8Array> {
  return BTreeMap.load(MemoryManager.load(memory).get(towns.memory_id), text, bytes);
}

test('an image of stable memory opens in Node and shows the same entries', async () => {
  const map = openTowns(VectorMemory.from(await data.image()));
  expect(map.checkInvariants()).toBeUndefined();
  expect(pairsOf(map)).toHaveLength(400);
  expect(pairsOf(map)).toEqual(await data.entries('towns'));
});

describe('an image in a file', () => {
  let written: MapPair[];
  let fromRust: MapPair[];

  /** Out of the canister, through two programs in Node, and back: an image takes seconds. */
  beforeAll(async () => {
    const words = await data.createMap('words', 'text');
    const file = path('data.image');
    await writeFile(file, await data.image());

    const image = FileMemory.open(file, { mode: 'open' });
    const manager = MemoryManager.load(image);
    const rust = await openRustImage();
    try {
      const map = BTreeMap.load(manager.get(towns.memory_id), text, bytes);
      changeTowns(map);
      written = pairsOf(map);

      const rustMap = BTreeMap.load(MemoryManager.load(rust).get(0), text, bytes);
      changeRustMap(rustMap);
      fromRust = pairsOf(rustMap);
      importImage(rustMap.intoMemory(), manager.get(words.memory_id));
      image.sync();
    } finally {
      rust.close();
      image.close();
    }
    await pic.setStableMemory(data.id, new Uint8Array(await readFile(file)));
    await data.upgrade();
  });

  test('is changed there by Node, and the canister serves the change', async () => {
    expect(written).toHaveLength(400);
    expect(await data.entries('towns')).toEqual(written);
    expect(ok(await data.actor.insert('towns', { text: 'village 1' }, value(0)))).toEqual([
      value(1, 5),
    ]);
  });

  test('takes in a map that Rust has written, and the canister goes on with it', async () => {
    expect(fromRust.length).toBeGreaterThan(100);
    expect(await data.entries('words')).toEqual(fromRust);
    expect(ok(await data.actor.remove('words', { text: 'from Node' }))).toEqual([value(7)]);
    expect(ok(await data.actor.length('words'))).toBe(BigInt(fromRust.length - 1));
  });
});

/** An image with a manager and eight structures, of which memory 0 is a map of texts to bytes. */
async function openRustImage(): Promise<FileMemory> {
  const packed = new URL('../fixtures/sequences/managed-mix.bin.gz', import.meta.url);
  const file = path('rust.image');
  await writeFile(file, gunzipSync(await readFile(packed)));
  return FileMemory.open(file, { mode: 'open' });
}

function changeTowns(map: BTreeMap<string, Uint8Array>): void {
  for (let number = 0; number < 400; number++) {
    if (number % 3 === 0) map.remove(`town ${number}`);
    else map.insert(`village ${number}`, value(number, 5));
  }
  for (let number = 0; map.length > 400; number++) map.remove(`town ${number}`);
}

function changeRustMap(map: BTreeMap<string, Uint8Array>): void {
  expect(map.checkInvariants()).toBeUndefined();
  map.popFirst();
  map.insert('from Node', value(7));
}

/** The entries of a map as the canister gives them. */
function pairsOf(map: BTreeMap<string, Uint8Array>): MapPair[] {
  return Array.from(map, ([key, value]) => ({ key: { text: key }, value }));
}

test('a map whose bytes were damaged is refused with the code, and the others go on', async () => {
  await data.createMap('others', 'text');
  ok(await data.actor.insert('others', { text: 'a' }, value(1)));
  const memory = VectorMemory.from(await data.image());
  MemoryManager.load(memory).get(towns.memory_id).write(0, value(3, 100));
  await pic.setStableMemory(data.id, memory.toBytes());
  await data.upgrade();

  const refusal = { Storage: { code: 'BAD_MAGIC', message: expect.stringContaining('"BTR"') } };
  const key = { text: 'town 1' };
  expect(await data.actor.get('towns', key)).toEqual({ Err: refusal });
  expect(await data.actor.insert('towns', key, value(2))).toEqual({ Err: refusal });
  expect(ok(await data.actor.get('others', { text: 'a' }))).toEqual([value(1)]);
  expect(Buffer.compare(await data.image(), memory.toBytes())).toBe(0);
});
