/** The program is killed, again and again, while it works: no update that was answered is lost. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { PocketIc } from '@dfinity/pic';

import { canister } from '../support.js';

jest.setTimeout(120_000); // Each start compiles TypeScript.

const MAIN = resolve('src/replica/command/main.ts');

const COUNTER = `
  (global $count (mut i32) (i32.const 0))
  (func (export "canister_update count")
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (call $reply_i32 (global.get $count)))
  (func (export "canister_query read") (call $reply_i32 (global.get $count)))`;

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kill-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function start(): Promise<PocketIc> {
  const args = ['--import', 'tsx', MAIN, '--port', '0', '--state', folder];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const piece of child.stdout!) {
    output += String(piece);
    const url = /listens on (\S+)\n[\s\S]*State/.exec(output)?.[1];
    if (url !== undefined) return PocketIc.create(url);
  }
  throw new Error(`the replica did not start: ${output}`);
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const gone = new Promise<number | null>((done) => child!.once('exit', done));
  child!.kill(signal);
  return gone;
}

test('every answered update is there after a kill in the middle of others', async () => {
  const pic = await start();
  const id = await pic.createCanister();
  await pic.installCode({ canisterId: id, wasm: canister(COUNTER) });
  const call = { canisterId: id, method: 'count', arg: new Uint8Array(0) };
  let answered = 0;
  const counting = (async () => {
    for (;;) {
      const reply = await pic.updateCall(call);
      answered = reply[0]! + 256 * reply[1]!;
    }
  })();
  const cut = expect(counting).rejects.toThrow();
  while (answered < 50) await new Promise((next) => setTimeout(next, 5));
  await end('SIGKILL');
  await cut;

  const after = await start();
  const reply = await after.queryCall({ ...call, method: 'read' });
  const count = reply[0]! + 256 * reply[1]!;
  // One more may have been carried out whose answer was on its way.
  expect([answered, answered + 1]).toContain(count);
  expect(await end('SIGTERM')).toBe(0);
});
