/**
 * A process is killed with SIGKILL while it commits, again and again on the same file: what it has
 * said to be committed is there, and of every transaction all or nothing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, jest, test } from '@jest/globals';
import { scratchFolder } from '../../support/scratch.js';
import { openTens } from '../../support/tens.js';

jest.setTimeout(60_000); // Each process compiles TypeScript first.

const KILLS = 3;
const WRITER = fileURLToPath(new URL('../../support/journal-writer.ts', import.meta.url));
const path = scratchFolder();

/** Starts a writer, kills it after some of its lines, and gives the last number that it printed. */
async function killWriter(file: string): Promise<number> {
  const writer = spawn(process.execPath, ['--import', 'tsx', WRITER, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(writer, 'exit');
  const linesMax = Math.floor(Math.random() * 150);
  let lines = 0;
  let last = -1;
  for await (const line of createInterface(writer.stdout)) {
    last = Number(line);
    // What was printed before the kill arrives is read as well.
    if (lines++ === linesMax) setTimeout(() => writer.kill('SIGKILL'), Math.random() * 4);
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  return last;
}

test('what was committed survives SIGKILL at any moment', async () => {
  const file = path('tens');
  for (let kill = 0; kill < KILLS; kill++) {
    const last = await killWriter(file);
    const { memory, map } = openTens(file);
    expect(map.checkInvariants()).toBeUndefined();
    expect([10 * (last + 1), 10 * (last + 2)]).toContain(map.length);
    let key = 0;
    for (const [found, value] of map) {
      expect([found, value.length, value.at(0) ?? key % 10]).toEqual([
        key,
        Math.floor(key / 10) % 50,
        key % 10,
      ]);
      key += 1;
    }
    expect(key).toBe(map.length);
    memory.close();
  }
});
