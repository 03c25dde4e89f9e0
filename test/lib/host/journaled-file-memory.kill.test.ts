/**
 * A process is killed with SIGKILL while it writes, again and again on the same file: what it has
 * said to be done is there, and of what it was doing all or nothing. Once with a map in a journaled
 * memory, once with blocks of an allocator on a stack.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, jest, test } from '@jest/globals';
import { numberOf, openRecordList } from '../../support/record-list.js';
import { scratchFolder } from '../../support/scratch.js';
import { openTens } from '../../support/tens.js';

jest.setTimeout(60_000); // Each process compiles TypeScript first.

const KILLS = 2;
const path = scratchFolder();

/** Starts a program, kills it after some of its lines, and gives the last number it printed. */
async function killed(program: string, file: string): Promise<number> {
  const script = fileURLToPath(new URL(`../../support/${program}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const linesMax = Math.floor(Math.random() * 150);
  let lines = 0;
  let last = -1;
  // What was printed before the kill arrives is read as well.
  for await (const line of createInterface(child.stdout)) {
    last = Number(line);
    if (lines++ === linesMax) setTimeout(() => child.kill('SIGKILL'), Math.random() * 4);
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  return last;
}

test('a map in a journaled memory has every transaction that was committed, as a whole', async () => {
  const file = path('tens');
  for (let kill = 0; kill < KILLS; kill++) {
    const last = await killed('tens-writer', file);
    const { memory, map } = openTens(file);
    expect(map.checkInvariants()).toBeUndefined();
    expect([10 * (last + 1), 10 * (last + 2)]).toContain(map.length);
    let key = 0;
    for (const [found, value] of map) {
      const number = Math.floor(key / 10);
      expect([found, ...value]).toEqual([key, ...new Uint8Array(number % 50).fill(key % 10)]);
      key += 1;
    }
    expect(key).toBe(map.length);
    memory.close();
  }
});

test('blocks on a stack hold every record that was added, and at most one is lost', async () => {
  const file = path('records');
  for (let kill = 0; kill < KILLS; kill++) {
    const last = await killed('record-list-writer', file);
    const list = openRecordList(file);
    expect(list.allocator.checkInvariants()).toBeUndefined();
    const blocks = list.blocks();
    const numbers = blocks.map(numberOf);
    expect([last, last + 1]).toContain(numbers[0]);
    // The record behind the newest is about to be dropped, or was.
    const isSettled = (number: number): boolean => number < last || number === numbers[0];
    const expected = Array.from({ length: numbers[0]! + 1 }, (_, index) => numbers[0]! - index);
    const isThere = (number: number): boolean => number === numbers[0] || number % 3 !== 1;
    expect(numbers.filter(isSettled)).toEqual(expected.filter(isSettled).filter(isThere));
    expect(list.allocator.reclaim(blocks.map(({ range }) => range))).toBeLessThanOrEqual(1);
    list.allocator.intoStack().close();
  }
});
