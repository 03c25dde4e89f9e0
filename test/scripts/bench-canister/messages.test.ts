/** What is measured of messages in canisters: the memories that they begin with, and the table. */
import { expect, test } from '@jest/globals';
import {
  messageOf,
  plainMessageOf,
} from '../../../scripts/bench-canister/canisters/messages/contents.js';
import { openStructures } from '../../../scripts/bench-canister/canisters/messages/structures.js';
import type { Figure } from '../../../scripts/bench-canister/figures.js';
import { toJson } from '../../../scripts/bench-canister/filling.js';
import {
  withAzleMap,
  withLetters,
  withMaps,
  withMessages,
} from '../../../scripts/bench-canister/messages/filling.js';
import { messageLines } from '../../../scripts/bench-canister/messages/report.js';
import { BTreeMap, bytes, MemoryManager, VectorMemory } from '../../../src/lib/index.js';

const COUNT = 20;

test('the manager begins with every message, and the queue with their tokens', () => {
  const memory = VectorMemory.from(withMessages(emptyImage(), COUNT));
  const { manager, queue } = openStructures(memory);
  expect([manager.usage().live, queue.length]).toEqual([COUNT, COUNT]);
  expect(Array.from(queue, ({ token }) => manager.read(token).header.traceId)).toEqual(
    Array.from({ length: COUNT }, (_, number) => BigInt(number)),
  );
  expect([manager.checkInvariants(), queue.checkInvariants()]).toEqual([undefined, undefined]);
});

test('the outbox begins with every letter, and the first is due at moment 0', () => {
  const { outbox } = openStructures(VectorMemory.from(withLetters(emptyImage(), COUNT)));
  expect([outbox.usage().pending, outbox.nextDue()]).toEqual([COUNT, 0n]);
  expect(outbox.begin(BigInt(COUNT))?.payload[0]).toBe(0);
});

test("maps begin with every message, ours as bytes and records, Azle's as JSON", () => {
  const { map, recordMap } = openStructures(VectorMemory.from(withMaps(emptyImage(), COUNT)));
  const azle = openRaw(VectorMemory.from(withAzleMap(emptyAzleImage(), COUNT)));
  expect([map.length, recordMap.length, azle.length]).toEqual([COUNT, COUNT, COUNT]);
  expect([map.get(7n)?.[0], recordMap.get(7n)]).toEqual([7, plainMessageOf(7n)]);
  expect(azle.get(toJson(7n))).toEqual(toJson(plainMessageOf(7n)));
});

test('a plain message is the message of the manager', () => {
  const { header, payload } = messageOf(300n);
  expect({ ...header, payload }).toMatchObject(plainMessageOf(300n));
});

test('the table shows costs by the number of messages, and what was not measured', () => {
  const figures: readonly Figure[] = [
    figureOf('take StableMessageManager 1000', 300_000),
    figureOf('take StableMessageManager 100000', 330_000),
    figureOf('get StableBTreeMap 1000', 6_000_000),
  ];
  const lines = messageLines(figures, [1_000, 100_000]);
  expect(cellsOf(lines, 'take')).toEqual(['take', '30,000', '33,000', '1.10x']);
  expect(cellsOf(lines, 'free')).toEqual(['free', '—', '—', '—']);
  expect(lines.filter((line) => line.trim().startsWith('get')).map(cells)).toEqual([
    ['get', '—', '—', '—'],
    ['get', '—', '—', '—'],
    ['get', '600,000', '—', '—'],
  ]);
});

/** Azle's map is there before anything is stored. */
function emptyAzleImage(): Uint8Array {
  const memory = new VectorMemory();
  openRaw(memory);
  return memory.toBytes();
}

function emptyImage(): Uint8Array {
  const memory = new VectorMemory();
  openStructures(memory);
  return memory.toBytes();
}

function openRaw(memory: VectorMemory): BTreeMap<Uint8Array, Uint8Array> {
  return BTreeMap.init(MemoryManager.init(memory).get(0), bytes, bytes);
}

function figureOf(work: string, instructions: number): Figure {
  return { work, subject: 'messages', instructions, operations: 10 };
}

function cellsOf(lines: readonly string[], work: string): string[] {
  return cells(lines.find((line) => line.trim().startsWith(work))!);
}

/** Columns are at least two spaces apart. */
function cells(line: string): string[] {
  return line.trim().split(/ {2,}/);
}
