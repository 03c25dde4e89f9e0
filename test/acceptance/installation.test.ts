/** Canisters that must not come up: each says why, and stable memory is as it was. */
import type { PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MemoryManager, VectorMemory } from '../../src/lib/index.js';
import {
  connect,
  controller,
  DataCanister,
  fixtureWasm,
  ok,
  value,
} from './support/data-canister.js';
import {
  besideAzleFactory,
  installNotes,
  type BesideAzleService,
} from './support/fixture-canister.js';

const sender = controller.getPrincipal();
const COMMAND = 'npx stable-structures build <canister>';

let pic: PocketIc;

beforeAll(async () => {
  pic = await connect();
});

afterAll(() => pic.tearDown());

describe('a Wasm that "azle build" alone has made', () => {
  test('is not installed, and the error names the command', async () => {
    const canisterId = await pic.createCanister({ sender });
    const wasm = await fixtureWasm('notes.unlinked');
    const install = pic.installCode({ canisterId, wasm, sender });
    await expect(install).rejects.toThrow('UNLINKED_CANISTER');
    await expect(pic.installCode({ canisterId, wasm, sender })).rejects.toThrow(COMMAND);
  });

  test('does not replace a linked one, which goes on with its data', async () => {
    const notes = await installNotes(pic);
    await notes.actor.insert(1n, 'one');
    const wasm = await fixtureWasm('notes.unlinked');
    const upgrade = pic.upgradeCanister({ canisterId: notes.id, wasm, sender });
    await expect(upgrade).rejects.toThrow(COMMAND);
    expect(await notes.actor.all()).toEqual([[1n, 'one']]);
  });

  test('says so at the first use, where that comes later', async () => {
    const { actor } = await pic.setupCanister<BesideAzleService>({
      idlFactory: besideAzleFactory,
      wasm: await fixtureWasm('beside-azle.unlinked'),
      sender,
    });
    await expect(actor.attach()).rejects.toThrow(COMMAND);
    await actor.azle_insert('a', 'b');
    expect(await actor.azle_items()).toEqual([['a', 'b']]);
  });
});

describe('a stable memory', () => {
  test('with foreign bytes at 0 is refused by code, and left as it is', async () => {
    const data = await DataCanister.install(pic);
    const foreign = value(5, 3 * 65_536);
    await pic.setStableMemory(data.id, foreign);
    await expect(data.upgrade()).rejects.toThrow('BAD_MAGIC');
    expect(Buffer.compare(await data.image(), foreign)).toBe(0);
  });

  test('of zeros is not taken for an empty one', async () => {
    const data = await DataCanister.install(pic);
    const zeros = new Uint8Array(65_536);
    await pic.setStableMemory(data.id, zeros);
    await expect(data.upgrade()).rejects.toThrow('BAD_MAGIC');
    expect(Buffer.compare(await data.image(), zeros)).toBe(0);
  });

  test('with foreign bytes in the place of the catalogue is refused by code, and left as it is', async () => {
    const data = await DataCanister.install(pic);
    await data.createMap('kept', 'text');
    ok(await data.actor.insert('kept', { text: 'a' }, value(1)));
    const memory = VectorMemory.from(await data.image());
    const catalogue = MemoryManager.load(memory).get(0);
    const original = new Uint8Array(100);
    catalogue.read(0, original);
    catalogue.write(0, value(5, 100));
    await pic.setStableMemory(data.id, memory.toBytes());
    await expect(data.upgrade()).rejects.toThrow('BAD_MAGIC');
    expect(Buffer.compare(await data.image(), memory.toBytes())).toBe(0);

    catalogue.write(0, original);
    await pic.setStableMemory(data.id, memory.toBytes());
    await data.upgrade();
    expect(ok(await data.actor.get('kept', { text: 'a' }))).toEqual([value(1)]);
  });
});
