/**
 * Messages outlive an upgrade, and so do their tokens: 4,000 of them here, and 100,000 in the slow
 * suite (`SLOW=1`).
 */
import type { PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { IS_SLOW } from '../support/model.js';
import { connect } from './support/data-canister.js';
import { installNotes, upgrade } from './support/fixture-canister.js';

const BATCH_SIZE = 2_000;
const BATCHES = IS_SLOW ? 50 : 2;

let pic: PocketIc;

beforeAll(async () => {
  pic = await connect();
});

afterAll(() => pic.tearDown());

test('every message that was stored before an upgrade is read by its token after it', async () => {
  const notes = await installNotes(pic);
  const batches: BigUint64Array[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    batches.push(await notes.actor.post(BigInt(batch * BATCH_SIZE), BigInt(BATCH_SIZE)));
  }
  expect(new Set(batches.flatMap((tokens) => [...tokens])).size).toBe(BATCHES * BATCH_SIZE);
  await upgrade(pic, notes);
  for (const [batch, tokens] of batches.entries()) {
    const sound = await notes.actor.count_posts(BigInt(batch * BATCH_SIZE), tokens);
    expect(sound).toBe(BigInt(BATCH_SIZE));
  }
});
