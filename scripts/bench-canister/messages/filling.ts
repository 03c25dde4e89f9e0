/**
 * Fills the memories of the canisters before anything is measured, in their images, with the
 * library in Node: that gives the bytes that the canisters themselves would have written.
 */
import { BTreeMap, bytes, MemoryManager, VectorMemory } from '../../../src/lib/index.js';
import {
  entryOf,
  messageOf,
  PAYLOAD_SIZE,
  payloadOf,
  plainMessageOf,
} from '../canisters/messages/contents.js';
import { AZLE_MAP_MEMORY } from '../canisters/messages/plan.js';
import { openStructures } from '../canisters/messages/structures.js';
import { toJson } from '../filling.js';

/** An image in which a manager has so many messages, and a queue their tokens. */
export function withMessages(image: Uint8Array, count: number): Uint8Array {
  const memory = VectorMemory.from(image);
  const { manager, queue } = openStructures(memory);
  for (let number = 0; number < count; number++) {
    const message = messageOf(BigInt(number));
    const token = manager.store(message);
    queue.append({ ...message.header, payloadSize: PAYLOAD_SIZE, token });
  }
  return memory.toBytes();
}

/** An image in which an outbox has so many letters, due at the moments from 0 on. */
export function withLetters(image: Uint8Array, count: number): Uint8Array {
  const memory = VectorMemory.from(image);
  const { outbox } = openStructures(memory);
  for (const now of numbersBelow(count)) outbox.enqueue(payloadOf(now), { now });
  return memory.toBytes();
}

/** An image in which our maps have so many messages, by the numbers from 0 on. */
export function withMaps(image: Uint8Array, count: number): Uint8Array {
  const memory = VectorMemory.from(image);
  const { map, recordMap } = openStructures(memory);
  for (const number of numbersBelow(count)) map.insert(number, entryOf(number));
  for (const number of numbersBelow(count)) recordMap.insert(number, plainMessageOf(number));
  return memory.toBytes();
}

/** The same for Azle's map. */
export function withAzleMap(image: Uint8Array, count: number): Uint8Array {
  const memory = VectorMemory.from(image);
  const map = BTreeMap.load(MemoryManager.load(memory).get(AZLE_MAP_MEMORY), bytes, bytes);
  for (const number of numbersBelow(count))
    map.insert(toJson(number), toJson(plainMessageOf(number)));
  return memory.toBytes();
}

function* numbersBelow(count: number): Generator<bigint> {
  for (let number = 0n; number < BigInt(count); number++) yield number;
}
