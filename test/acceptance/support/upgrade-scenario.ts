/**
 * The promise of this project as a scenario: whatever was written before an upgrade is there after
 * it, and work goes on where it stopped. It throws where the promise is broken, so it can be run
 * on canisters that keep it and on those that do not.
 */
import type { PocketIc } from '@dfinity/pic';
import { expect } from '@jest/globals';
import type { Key, KeyType } from '../../../src/canister/keys.js';
import type { MapPair } from '../../../src/canister/scan.js';
import { Principal } from '../../../src/lib/index.js';
import { DataCanister, ok, scan, value } from './data-canister.js';

const BATCH_SIZE = 500;

/** So many entries of each type of key, and how the number of an entry becomes a key. */
const MAPS: Record<KeyType, { count: number; key: (number: number) => Key }> = {
  nat64: { count: 3_000, key: (number) => ({ nat64: BigInt(number) ** 4n }) },
  int64: { count: 500, key: (number) => ({ int64: BigInt(number - 250) * 2n ** 40n }) },
  text: { count: 1_000, key: (number) => ({ text: `Zürich ${number}` }) },
  principal: { count: 300, key: (number) => ({ principal: principalOf(number) }) },
  blob: { count: 300, key: (number) => ({ blob: value(number, 1 + (number % 60)) }) },
};

const TYPES = Object.keys(MAPS) as KeyType[];

/** Fills maps of all key types, upgrades twice, reads everything back, and goes on writing. */
export async function upgradeScenario(pic: PocketIc, wasm: Uint8Array): Promise<void> {
  const data = await DataCanister.install(pic, wasm);
  for (const type of TYPES) await fill(data, type);
  const before = await data.content();
  const [first, ...rest] = pagesOf(before, 'nat64', 50);
  const opened = ok(await data.actor.scan('nat64', scan({ limit: [50] })));
  expect(opened.entries).toEqual(first);

  await data.upgrade();
  await data.upgrade();

  for (const type of TYPES) {
    expect(ok(await data.actor.length(type))).toBe(BigInt(MAPS[type].count));
  }
  expect(await data.content()).toEqual(before);
  const resumed = await data.entries('nat64', { cursor: opened.next });
  expect(resumed).toEqual(rest.flat());

  await goOnWriting(data);
  const written = await data.content();
  await data.upgrade();
  expect(await data.content()).toEqual(written);
}

async function fill(data: DataCanister, type: KeyType): Promise<void> {
  await data.createMap(type, type);
  const { count, key } = MAPS[type];
  // From the last to the first, so that it is the canister that puts them in order.
  const entries = Array.from({ length: count }, (_, index) => {
    const number = count - 1 - index;
    return { key: key(number), value: value(number) };
  });
  for (let start = 0; start < count; start += BATCH_SIZE) {
    const batch = entries.slice(start, start + BATCH_SIZE);
    expect(ok(await data.actor.insert_many(type, batch))).toBe(BigInt(batch.length));
  }
}

/** Adds, overwrites and removes in every map. */
async function goOnWriting(data: DataCanister): Promise<void> {
  for (const type of TYPES) {
    const { count, key } = MAPS[type];
    expect(ok(await data.actor.insert(type, key(count), value(1)))).toEqual([]);
    expect(ok(await data.actor.insert(type, key(7), value(8)))).toEqual([value(7)]);
    expect(ok(await data.actor.remove(type, key(9)))).toEqual([value(9)]);
    expect(ok(await data.actor.length(type))).toBe(BigInt(count));
    expect(ok(await data.actor.get(type, key(7)))).toEqual([value(8)]);
    expect(ok(await data.actor.contains(type, key(9)))).toBe(false);
  }
}

function pagesOf(
  content: Awaited<ReturnType<DataCanister['content']>>,
  map: string,
  size: number,
): MapPair[][] {
  const entries = content.find(([info]) => info.name === map)![1];
  const count = Math.ceil(entries.length / size);
  return Array.from({ length: count }, (_, page) => entries.slice(page * size, (page + 1) * size));
}

function principalOf(number: number): Principal {
  return Principal.fromUint8Array(value(number, 1 + (number % 29)));
}
