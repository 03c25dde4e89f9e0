/** The command as a whole: clients of all kinds on one port, and what it says when it cannot start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Actor, HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { PocketIc } from '@dfinity/pic';
import { Principal } from '@dfinity/principal';

import { runCommand, type RunningReplica } from '../../../src/replica/command/run.js';
import * as idl from '../../../src/replica/management/idl.js';
import { canister, watString } from '../support.js';

jest.setTimeout(30_000); // An agent verifies the signature of every answer.

let folder: string;
let printed: string;
let complained: string;
const running: RunningReplica[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-'));
  printed = complained = '';
});

afterEach(async () => {
  jest.restoreAllMocks();
  for (const one of running.splice(0)) await one.stop();
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): Promise<RunningReplica | number> {
  return runCommand(args, {
    print: (text) => (printed += text),
    printError: (text) => (complained += text),
    abort: () => {
      throw new Error('aborted');
    },
  });
}

async function start(...args: string[]): Promise<RunningReplica> {
  const started = await run('--port', '0', ...args);
  if (typeof started === 'number') throw new Error(`exit code ${started}: ${complained}`);
  running.push(started);
  return started;
}

async function stop(replica: RunningReplica): Promise<void> {
  running.splice(running.indexOf(replica), 1);
  await replica.stop();
}

const MANAGEMENT = Principal.fromText('aaaaa-aa');

/** What an agent does to have a canister: create, then install. */
async function deploy(agent: HttpAgent, wasm: Uint8Array): Promise<Principal> {
  const creation = {
    amount: [10n ** 15n],
    settings: [],
    specified_id: [],
    sender_canister_version: [],
  };
  const created = await manage(agent, 'provisional_create_canister_with_cycles', {
    type: idl.ProvisionalCreate,
    value: creation,
    result: idl.CanisterIdRecord,
    effectiveId: Principal.fromText('lxzze-o7777-77777-aaaaa-cai'),
  });
  const { canister_id } = created as { canister_id: Principal };
  await manage(agent, 'install_code', {
    type: idl.InstallCode,
    value: {
      mode: { install: null },
      canister_id,
      wasm_module: wasm,
      arg: new Uint8Array(0),
      sender_canister_version: [],
    },
    result: undefined,
    effectiveId: canister_id,
  });
  return canister_id;
}

interface Managed {
  readonly type: IDL.Type;
  readonly value: unknown;
  readonly result: IDL.Type | undefined;
  readonly effectiveId: Principal;
}

async function manage(agent: HttpAgent, method: string, call: Managed): Promise<unknown> {
  const actor = Actor.createActor(
    () => IDL.Service({ [method]: IDL.Func([call.type], call.result ? [call.result] : [], []) }),
    {
      agent,
      canisterId: MANAGEMENT,
      callTransform: () => ({ effectiveCanisterId: call.effectiveId }),
    },
  );
  return actor[method]!(call.value);
}

const GREETER = `
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 0) "DIDL\\00\\01\\79")
  (func $answer
    (i32.store (i32.const 7) (global.get $count))
    (call $reply_bytes (i32.const 0) (i32.const 11)))
  (func (export "canister_update count")
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (call $answer))
  (func (export "canister_query read") (call $answer))
  (func (export "canister_update fail") unreachable)
  ${webPage()}`;

/** A query `http_request` that answers with the page "hello". */
function webPage(): string {
  const Response = IDL.Record({
    status_code: IDL.Nat16,
    headers: IDL.Vec(IDL.Tuple(IDL.Text, IDL.Text)),
    body: IDL.Vec(IDL.Nat8),
  });
  const page = { status_code: 200, headers: [], body: new TextEncoder().encode('hello') };
  const bytes = new Uint8Array(IDL.encode([Response], [page]));
  return `(data (i32.const 1000) ${watString(bytes)})
    (func (export "canister_query http_request")
      (call $reply_bytes (i32.const 1000) (i32.const ${bytes.length})))`;
}

interface Counter {
  count(): Promise<number>;
  read(): Promise<number>;
  fail(): Promise<void>;
}

function counterOf(agent: HttpAgent, canisterId: Principal): Counter {
  const Number = IDL.Nat32;
  return Actor.createActor(
    () =>
      IDL.Service({
        count: IDL.Func([], [Number], []),
        read: IDL.Func([], [Number], ['query']),
        fail: IDL.Func([], [], []),
      }),
    { agent, canisterId },
  );
}

function agentOf({ url }: RunningReplica): Promise<HttpAgent> {
  return HttpAgent.create({ host: url, shouldFetchRootKey: true });
}

test('an agent, a browser and a PocketIC client meet one replica, and a restart keeps it', async () => {
  const state = join(folder, 'state');
  const first = await start('--state', state, '--verbose');
  const agent = await agentOf(first);
  const id = await deploy(agent, canister(GREETER));
  expect(await counterOf(agent, id).count()).toBe(1);
  expect(await counterOf(agent, id).read()).toBe(1);
  expect(await (await fetch(`${first.url}/?canisterId=${id.toText()}`)).text()).toBe('hello');
  const pic = await PocketIc.create(first.url);
  const read = { canisterId: id as never, method: 'read' };
  expect(await pic.queryCall(read)).toEqual(new Uint8Array(IDL.encode([IDL.Nat32], [1])));
  await pic.tearDown();
  expect(printed).toMatch(/POST \/api\/v\d\/canister\/.*\/call 200 \d+\.\d ms\n/);
  await stop(first);

  const second = await start('--state', state);
  // The root key is the same: the agent that knows it from before verifies with it.
  const again = await HttpAgent.create({ host: second.url, rootKey: agent.rootKey! });
  expect(await counterOf(again, id).count()).toBe(2);
});

test('says where it listens, by which key it is known, and what it keeps', async () => {
  const { url } = await start();
  expect(printed).toContain(`The replica listens on ${url}\n`);
  expect(printed).toMatch(/Root key {5}3081[0-9a-f]{262}\n/);
  expect(printed).toContain('State        in memory only');
});

test('shows the status page, closed to everything from elsewhere', async () => {
  const { url } = await start();
  for (const path of ['/', '/_/dashboard']) {
    const page = await fetch(`${url}${path}`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<title>Replica</title>');
  }
  const status = await fetch(`${url}/_/dashboard/status.json`);
  expect(status.headers.get('access-control-allow-origin')).toBe(null);
  const ids = (await status.json()) as { canisters: unknown[] };
  expect(ids.canisters.length).toBe(3); // The ledgers and the minting canister.
});

test('time follows the wall clock, also when nobody asks for anything', async () => {
  const { url } = await start();
  const time = async (): Promise<number> => {
    const { time } = (await (await fetch(`${url}/_/dashboard/status.json`)).json()) as {
      time: string;
    };
    return Date.parse(time);
  };
  const before = await time();
  expect(Math.abs(before - Date.now())).toBeLessThan(60_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await time()).toBeGreaterThan(before);
});

describe('PocketIC clients', () => {
  test('that ask for another kind of server are told so', async () => {
    const { url } = await start();
    // The client also prints what it throws.
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const asked = { nns: { state: { type: 'new' } } } as never;
    await expect(PocketIc.create(url, asked)).rejects.toThrow('this server has one instance');
  });

  test('are told of paths that are not there', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/instances/1/read/get_time`)).status).toBe(404);
    expect((await fetch(`${url}/instances/0/read/nothing`)).status).toBe(404);
  });
});

describe('what it cannot do, it says', () => {
  test('a port in use', async () => {
    const { url } = await start();
    expect(await run('--port', new URL(url).port)).toBe(1);
    expect(complained).toContain('is in use. Choose another one by --port');
  });

  test('a directory in use, and then it is free again', async () => {
    const first = await start('--state', folder);
    expect(await run('--port', '0', '--state', folder)).toBe(1);
    expect(complained).toContain(`${folder} is in use: process ${process.pid} works on it`);
    await stop(first);
    await start('--state', folder);
  });

  test('a port in use leaves the directory free', async () => {
    const { url } = await start();
    expect(await run('--port', new URL(url).port, '--state', folder)).toBe(1);
    await start('--state', folder);
  });

  test('a directory with something else in it', async () => {
    writeFileSync(join(folder, 'letter.txt'), 'mine');
    expect(await run('--port', '0', '--state', folder)).toBe(1);
    expect(complained).toContain('is no state directory');
  });

  test('a directory that cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await run('--port', '0', '--state', join(folder, 'file', 'state'))).toBe(1);
    expect(complained).toContain('cannot be used as a state directory');
  });

  test('an address of another machine', async () => {
    expect(await run('--port', '0', '--host', '192.0.2.1')).toBe(1);
    expect(complained).toContain('is no address of this machine');
  });

  test('words that it does not know', async () => {
    expect(await run('--colour')).toBe(2);
    expect(complained).toContain("Try 'replica --help'");
  });
});

test.each([
  ['--help', 'Usage: replica'],
  ['--version', 'replica '],
])('%s', async (option, text) => {
  expect(await run(option)).toBe(0);
  expect(printed).toContain(text);
});
