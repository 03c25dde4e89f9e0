/** Living with Azle's own memory manager: one stable memory, one layout, one that changes it. */
import type { PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connect } from './support/data-canister.js';
import { installBesideAzle, upgrade, type BesideAzleCanister } from './support/fixture-canister.js';

/** Enough that the map has more than one level. */
const ITEMS = Array.from({ length: 40 }, (_, number): [string, string] => [
  `key ${String(number).padStart(2, '0')}`,
  `value ${number}`,
]);

/** As Azle's default codec writes them. */
const AS_JSON = ITEMS.map(([key, value]) => [JSON.stringify(key), JSON.stringify(value)]);

const REMEDY = 'Use BTreeMap of "stable-structures" in place of Azle\'s StableBTreeMap';

let pic: PocketIc;
let canister: BesideAzleCanister;

beforeAll(async () => {
  pic = await connect();
});

beforeEach(async () => {
  canister = await installBesideAzle(pic);
  for (const [key, value] of ITEMS) await canister.actor.azle_insert(key, value);
});

afterAll(() => pic.tearDown());

test("our map opens the one that Azle's StableBTreeMap has made, in place", async () => {
  expect(await canister.actor.attach()).toBe(BigInt(ITEMS.length));
  expect(await canister.actor.items()).toEqual(AS_JSON);
});

test('it does so after an upgrade, and Azle reads what ours has written', async () => {
  await upgrade(pic, canister);
  expect(await canister.actor.items()).toEqual(AS_JSON);
  await canister.actor.insert('"key 99"', '"ours"');
  await upgrade(pic, canister);
  expect(await canister.actor.azle_items()).toEqual([...ITEMS, ['key 99', 'ours']]);
});

test('until our manager is attached, Azle makes maps as ever', async () => {
  await canister.actor.azle_insert_into_new_map('a', 'b');
  expect(await canister.actor.azle_items()).toEqual(ITEMS);
});

test('once it is, a new map of Azle traps with the remedy, and nothing is lost', async () => {
  await canister.actor.attach();
  const image = await pic.getStableMemory(canister.id);
  await expect(canister.actor.azle_insert_into_new_map('a', 'b')).rejects.toThrow(REMEDY);
  expect(Buffer.compare(await pic.getStableMemory(canister.id), image)).toBe(0);
  expect(await canister.actor.items()).toEqual(AS_JSON);
  await canister.actor.insert('"key 99"', '"ours"');
  expect(await canister.actor.items()).toHaveLength(ITEMS.length + 1);
});
