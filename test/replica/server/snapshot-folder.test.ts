/** Snapshots as folders: what is downloaded can be uploaded, and a damaged folder is refused. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { IDL } from '@dfinity/candid';
import { PocketIc } from '@dfinity/pic';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';

import { startReplica, type ReplicaServer } from '../../../src/replica/index.js';
import * as idl from '../../../src/replica/management/idl/snapshots.js';
import { readMetadata } from '../../../src/replica/server/snapshot-json.js';
import { bytesOf, canister, MANAGEMENT } from '../support.js';
import { ANONYMOUS, fromBase64, messageOf, RawClient, toBase64 } from './raw-client.js';

jest.setTimeout(60_000); // The first keys of a server take their time on a busy machine.

/** Keeps a number in a global and a byte in 3 MB of stable memory, which needs two slices. */
const WASM = canister(`
  (global $n (mut i64) (i64.const -5))
  (global $f (mut f64) (f64.const 1.5))
  (func (export "canister_update set")
    (global.set $n (i64.const -9223372036854775807))
    (drop (call $stable64_grow (i64.const 48)))
    (i32.store8 (i32.const 7) (i32.const 42))
    (call $stable64_write (i64.const 3000000) (i64.const 7) (i64.const 1))
    (drop (call $global_timer_set (i64.const 9000000000000000001)))
    (call $msg_reply))
  (func (export "canister_query get")
    (call $stable64_read (i64.const 0) (i64.const 3000000) (i64.const 1))
    (i64.store (i32.const 8) (global.get $n))
    (call $reply_bytes (i32.const 0) (i32.const 16)))`);

type Principal = Awaited<ReturnType<PocketIc['createCanister']>>;

let server: ReplicaServer;
let client: RawClient;
let pic: PocketIc;
let path: string;
let canisterId: Principal;
let folder: string;

beforeAll(async () => {
  server = await startReplica();
  client = new RawClient(server.url);
});

afterAll(() => server.stop());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
  pic = await PocketIc.create(server.url);
  path = `/instances/${await client.newestInstance()}`;
  canisterId = await pic.createCanister();
  await pic.installCode({ canisterId, wasm: WASM });
  await pic.updateCall({ canisterId, method: 'set', arg: new Uint8Array(0) });
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await pic.tearDown();
});

async function manage(method: string, type: IDL.Type, value: object): Promise<Uint8Array> {
  const arg = new Uint8Array(IDL.encode([type], [{ canister_id: canisterId, ...value }]));
  const id = MANAGEMENT as unknown as Principal;
  const payload = { canisterId: id, method, arg };
  return new Uint8Array(await pic.updateCall(payload));
}

async function take(): Promise<Uint8Array> {
  const nothing = { replace_snapshot: [], uninstall_code: [], sender_canister_version: [] };
  const reply = await manage('take_canister_snapshot', idl.TakeSnapshot, nothing);
  return (IDL.decode([idl.Snapshot], reply)[0] as unknown as { id: Uint8Array }).id;
}

function whose(sender = ANONYMOUS): object {
  const canister_id = toBase64(canisterId.toUint8Array());
  return { sender: { principal_id: sender }, canister_id: { canister_id } };
}

function download(id: Uint8Array, snapshot_dir: string, sender?: string) {
  const body = { ...whose(sender), snapshot_id: toBase64(id), snapshot_dir };
  return client.post(`${path}/update/canister_snapshot_download`, body);
}

function upload(snapshot_dir: string, replaced?: Uint8Array) {
  const replace_snapshot = replaced === undefined ? null : { snapshot_id: toBase64(replaced) };
  const body = { ...whose(), replace_snapshot, snapshot_dir };
  return client.post(`${path}/update/canister_snapshot_upload`, body);
}

function get(): Promise<Uint8Array> {
  return pic.queryCall({ canisterId, method: 'get', arg: new Uint8Array(0) });
}

test('a snapshot goes into a folder, comes back, and is what it was', async () => {
  const upgraded = await manage(
    'upload_chunk',
    IDL.Record({ canister_id: IDL.Principal, chunk: IDL.Vec(IDL.Nat8) }),
    { chunk: bytesOf('a chunk') },
  );
  expect(upgraded.length).toBeGreaterThan(0);
  const before = await get();
  const target = join(folder, 'new', 'snapshot');
  expect(await download(await take(), target)).toEqual({ status: 200, value: null });
  expect(readdirSync(target).sort()).toEqual([
    'metadata.json',
    'stable_memory.bin',
    'wasm_chunk_store',
    'wasm_memory.bin',
    'wasm_module.bin',
  ]);
  expect(statSync(join(target, 'stable_memory.bin')).size).toBe(48 * 65_536);
  expect(readFileSync(join(target, 'stable_memory.bin'))[3_000_000]).toBe(42);
  const [chunk] = readdirSync(join(target, 'wasm_chunk_store'));
  expect(readFileSync(join(target, 'wasm_chunk_store', chunk!), 'utf8')).toBe('a chunk');
  const metadata = readFileSync(join(target, 'metadata.json'), 'utf8');
  expect(metadata).toContain('{"i64":-9223372036854775807}');
  expect(metadata).toContain('{"f64":1.5}');
  expect(metadata).toContain('"global_timer":{"active":9000000000000000001}');
  expect(metadata).toContain('"source":"taken_from_canister"');

  await pic.reinstallCode({ canisterId, wasm: WASM, arg: new Uint8Array(0) });
  const { status, value } = await upload(target);
  expect(status).toBe(200);
  const snapshot_id = fromBase64((value as { snapshot_id: string }).snapshot_id);
  await manage('load_canister_snapshot', idl.LoadSnapshot, {
    snapshot_id,
    sender_canister_version: [],
  });
  expect(await get()).toEqual(before);
});

test('an upload may take the place of another snapshot', async () => {
  const id = await take();
  await download(id, folder);
  const { value } = await upload(folder, id);
  const reply = await manage(
    'list_canister_snapshots',
    IDL.Record({ canister_id: IDL.Principal }),
    {},
  );
  const [list] = IDL.decode([idl.Snapshots], reply) as unknown as [{ id: Uint8Array }[]];
  expect(list.map((one) => toBase64(one.id))).toEqual([
    (value as { snapshot_id: string }).snapshot_id,
  ]);
});

describe('a download is refused', () => {
  test('into a folder that is not empty', async () => {
    writeFileSync(join(folder, 'file'), '');
    const answer = await download(await take(), folder);
    expect(messageOf(answer)).toMatch(/^InvalidCanisterSnapshotDirectory\(".* is not empty"\)$/);
  });

  test('of a snapshot that is not there, and to somebody who is no controller', async () => {
    const missing = await download(new Uint8Array(20), folder);
    expect(messageOf(missing)).toMatch(/^CanisterSnapshotError\("/);
    const foreign = await download(await take(), folder, 'AQID');
    expect(messageOf(foreign)).toMatch(/^CanisterSnapshotError\("Only controllers of canister/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of a canister that is not there', async () => {
    const body = {
      ...whose(),
      canister_id: { canister_id: '' },
      snapshot_id: '',
      snapshot_dir: '',
    };
    const answer = await client.post(`${path}/update/canister_snapshot_download`, body);
    expect(messageOf(answer)).toBe('CanisterNotFound(CanisterId(aaaaa-aa))');
  });
});

describe('an upload is refused', () => {
  const change = (text: string, other: string): void => {
    const file = join(folder, 'metadata.json');
    const before = readFileSync(file, 'utf8');
    expect(before).toContain(text);
    writeFileSync(file, before.replace(text, other));
  };

  test.each([
    ['without metadata', () => rmSync(join(folder, 'metadata.json')), 'ENOENT'],
    ['without the heap', () => rmSync(join(folder, 'wasm_memory.bin')), 'ENOENT'],
    ['with a short heap', () => writeFileSync(join(folder, 'wasm_memory.bin'), 'x'), 'got 1'],
    [
      'with other metadata',
      () => change('"globals":', '"more":[],"globals":[{}],"x":'),
      'globals: expected i32',
    ],
    [
      'with a wrong timer',
      () => change('{"active":9000000000000000001}', '7'),
      'expected an object',
    ],
    [
      'with a byte of 9 bits',
      () => change('"certified_data":[', '"certified_data":[256'),
      'from 0 to 255',
    ],
    ['with no JSON', () => writeFileSync(join(folder, 'metadata.json'), '{'), 'malformed JSON'],
    [
      'with a megabyte of it',
      () => writeFileSync(join(folder, 'metadata.json'), ' '.repeat(2 ** 20 + 1)),
      'at most',
    ],
  ])('%s', async (_, damage, text) => {
    await download(await take(), folder);
    damage();
    const answer = await upload(folder);
    expect(answer.status).toBe(400);
    expect(messageOf(answer)).toContain('InvalidCanisterSnapshotDirectory("');
    expect(messageOf(answer)).toContain(text);
  });

  test('by the rules for snapshots themselves', async () => {
    await download(await take(), folder);
    change('"certified_data":[', `"certified_data":[${Array(33).fill(1).join(',')}`);
    expect(messageOf(await upload(folder))).toMatch(/^CanisterSnapshotError\(".*certified data/);
  });

  test('from nowhere', async () => {
    const none = join(folder, 'none');
    expect(messageOf(await upload(none))).toContain('ENOENT');
    mkdirSync(none);
    expect(existsSync(none)).toBe(true);
  });
});

test('metadata read any value that a global can have', () => {
  const globals =
    '[{"i32":-2147483648},{"i64":-9223372036854775808},{"f32":null},{"f64":2},' +
    '{"v128":340282366920938463463374607431768211455}]';
  const json =
    `{"globals":${globals},"taken_at_timestamp":1,"canister_version":2,"wasm_module_size":3,` +
    '"wasm_memory_size":4,"stable_memory_size":5,"certified_data":[],"wasm_chunk_store":[],' +
    '"global_timer":"inactive","on_low_wasm_memory_hook_status":"ready"}';
  const metadata = readMetadata(bytesOf(json));
  expect(metadata.globals).toEqual([
    { i32: -(2 ** 31) },
    { i64: -(2n ** 63n) },
    { f32: NaN },
    { f64: 2 },
    { v128: 2n ** 128n - 1n },
  ]);
  expect(metadata.global_timer).toEqual([{ inactive: null }]);
  expect(metadata.on_low_wasm_memory_hook_status).toEqual([{ ready: null }]);
});
