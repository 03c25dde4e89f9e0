/** Data survive an upgrade, and the test of it would notice if they did not. */
import type { PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect, dataWasm, fixtureWasm } from './support/data-canister.js';
import { upgradeScenario } from './support/upgrade-scenario.js';

let pic: PocketIc;

beforeAll(async () => {
  pic = await connect();
});

afterAll(() => pic.tearDown());

describe('after two upgrades', () => {
  test('the data canister has every map and entry, and old cursors go on', async () => {
    await upgradeScenario(pic, await dataWasm());
  });

  test('the same canister with its maps on the heap has lost them, and the scenario says so', async () => {
    const wasm = await fixtureWasm('data-on-heap');
    await expect(upgradeScenario(pic, wasm)).rejects.toThrow('refused: {"UnknownMap":');
  });
});
