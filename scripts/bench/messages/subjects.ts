/**
 * The message managers that are measured, all of them for payloads of bytes, and what they store.
 */
import {
  bytes,
  ConcurrentMessageManager,
  HeapMessageManager,
  MemoryManager,
  Message,
  StableMessageManager,
  StaticMessageManager,
  VectorMemory,
  type Memory,
  type MessageManager,
} from '../../../src/lib/index.js';

/** Makes an empty manager with so many slots, for payloads of at most so many bytes. */
export type OpenManager = (capacity: number, payloadSizeMax: number) => MessageManager<Uint8Array>;

/** By their names in the tables. */
export const MANAGERS: Readonly<Record<string, OpenManager>> = {
  heap: (capacity) => HeapMessageManager.create({ capacity }),
  static: (depth, payloadSizeMax) =>
    StaticMessageManager.create({ depth, codec: bytes, payloadSizeMax }),
  'stable, VectorMemory': (capacity, payloadSizeMax) =>
    openStable(new VectorMemory(), capacity, payloadSizeMax),
  'stable, MemoryManager': (capacity, payloadSizeMax) =>
    openStable(MemoryManager.create(new VectorMemory()).get(0), capacity, payloadSizeMax),
  concurrent: (capacity, payloadSizeMax) =>
    ConcurrentMessageManager.create({ codec: bytes, capacity, payloadSizeMax }),
};

/** A stable manager in an empty memory. */
export function openStable(
  memory: Memory,
  capacity: number,
  payloadSizeMax: number,
): StableMessageManager<Uint8Array> {
  return StableMessageManager.create(memory, { codec: bytes, capacity, payloadSizeMax });
}

const payloads = new Map<number, Uint8Array>();

/** A payload of so many bytes: always the same one, since managers copy it or leave it alone. */
export function payloadOf(size: number): Uint8Array {
  const payload = payloads.get(size) ?? new Uint8Array(size).fill(1);
  payloads.set(size, payload);
  return payload;
}

/** A message of a number, in whose header there is something in every field of the sender. */
export function messageOf(payloadSize: number, number: number): Message<Uint8Array> {
  return Message.of(payloadOf(payloadSize), {
    traceId: BigInt(number),
    sequence: BigInt(number),
    creationTick: 1n,
    deadline: 2n,
    qos: 'latency-critical',
  });
}

/** Throws unless every message was freed. */
export function assertAllFree({ available, capacity }: MessageManager<Uint8Array>): void {
  assertCount('free slots', available, capacity);
}

/** Throws unless both are the same: a figure of lost messages says nothing. */
export function assertCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, found ${found}`);
}
