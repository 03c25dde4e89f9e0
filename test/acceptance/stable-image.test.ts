/** A canister's stable memory is the same thing in Node: it opens there, and goes back. */
import type { PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  BTreeMap,
  bytes,
  MemoryManager,
  text,
  VectorMemory,
  type Memory,
} from '../../src/lib/index.js';
import { connect, DataCanister, ok, value, type MapInfo } from './support/data-canister.js';

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
  const entries = Array.from(map, ([key, value]) => ({ key: { text: key }, value }));
  expect(entries).toHaveLength(400);
  expect(entries).toEqual(await data.entries('towns'));
});

test('what Node has written is in the canister once its image is put there', async () => {
  const memory = VectorMemory.from(await data.image());
  const map = openTowns(memory);
  for (let number = 0; number < 400; number++) {
    if (number % 3 === 0) map.remove(`town ${number}`);
    else map.insert(`village ${number}`, value(number, 5));
  }
  await pic.setStableMemory(data.id, memory.toBytes());
  await data.upgrade();

  const written = Array.from(map, ([key, value]) => ({ key: { text: key }, value }));
  expect(await data.entries('towns')).toEqual(written);
  expect(ok(await data.actor.insert('towns', { text: 'village 1' }, value(0)))).toEqual([
    value(1, 5),
  ]);
});

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
