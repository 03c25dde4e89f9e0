/** What a trap undoes and a query leaves: in the canister nothing of ours may get in between. */
import type { PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  BStack,
  decodeUtf8,
  FirstFitBStackAllocator,
  MemoryManager,
  MemoryStorage,
  VectorMemory,
} from '../../src/lib/index.js';
import { connect } from './support/data-canister.js';
import { installNotes, upgrade, type NotesCanister } from './support/fixture-canister.js';

const KEPT: [bigint, string][] = [
  [1n, 'one'],
  [7n, 'seven'],
];

/** Enough to split nodes and to take new pages. */
const COUNT = 300n;

let pic: PocketIc;
let notes: NotesCanister;

beforeAll(async () => {
  pic = await connect();
  notes = await installNotes(pic);
});

beforeEach(async () => {
  for (const [id, note] of KEPT) await notes.actor.insert(id, note);
});

afterAll(() => pic.tearDown());

test('a trap undoes everything that its message has written', async () => {
  const image = await pic.getStableMemory(notes.id);
  await expect(notes.actor.insert_and_trap(COUNT)).rejects.toThrow(`after ${COUNT} notes`);
  expect(await notes.actor.all()).toEqual(KEPT);
  expect(Buffer.compare(await pic.getStableMemory(notes.id), image)).toBe(0);
});

test('an error that nobody catches does the same', async () => {
  await expect(notes.actor.insert_and_throw(COUNT)).rejects.toThrow(`after ${COUNT} notes`);
  expect(await notes.actor.all()).toEqual(KEPT);
});

test('after a trap the map is written as if nothing had been', async () => {
  await expect(notes.actor.insert_and_trap(COUNT)).rejects.toThrow('after');
  expect(await notes.actor.insert(8n, 'eight')).toEqual([]);
  await upgrade(pic, notes);
  expect(await notes.actor.all()).toEqual([...KEPT, [8n, 'eight']]);
});

test('a query sees what it writes itself, and leaves nothing of it', async () => {
  const before = await notes.actor.all();
  const image = await pic.getStableMemory(notes.id);
  expect(await notes.actor.insert_in_query(COUNT)).toBe(COUNT);
  expect(await notes.actor.all()).toEqual(before);
  expect(Buffer.compare(await pic.getStableMemory(notes.id), image)).toBe(0);
});

test('blocks of a stack outlive a trap and an upgrade, and the image has them in Node', async () => {
  const { actor } = notes;
  const first = await actor.keep_draft('a first draft');
  const second = await actor.keep_draft('another one, which is longer');
  await expect(actor.drop_draft_and_trap(first)).rejects.toThrow('after a draft');
  await upgrade(pic, notes);
  expect(await actor.draft(first)).toBe('a first draft');
  expect(await actor.draft(second)).toBe('another one, which is longer');

  const image = VectorMemory.from(new Uint8Array(await pic.getStableMemory(notes.id)));
  const storage = MemoryStorage.load(MemoryManager.load(image).get(1));
  const drafts = FirstFitBStackAllocator.open(BStack.open(storage));
  expect(drafts.checkInvariants()).toBeUndefined();
  expect(decodeUtf8(drafts.restore(new Uint8Array(second)).read())).toBe(
    'another one, which is longer',
  );
});
