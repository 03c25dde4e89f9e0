/** What canisters and people learn about canisters: history, metadata, logs, lists. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import type { Visibility } from '../../../src/replica/canister.js';
import type { Response } from '../../../src/replica/index.js';
import * as idl from '../../../src/replica/management/idl.js';
import * as types from '../../../src/replica/management/idl/information.js';
import { customSection, readSections, writeSections } from '../../../src/wasm/module.js';
import {
  assemble,
  Bench,
  bytesOf,
  canister,
  CONTROLLER,
  dataOf,
  decoded,
  encoded,
  errorOf,
  MANAGEMENT,
  messageOf,
  PROXY,
  STRANGER,
  textOf,
  UPGRADE,
} from '../support.js';

let bench: Bench;
let id: Principal;
let asking: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.create();
  asking = bench.deploy(PROXY);
});

/** Asks the management canister in the name of the canister `asking`. */
function ask(method: string, type: IDL.Type, value: unknown): Response {
  return bench.call(asking, MANAGEMENT, method, { argument: encoded(type, value) });
}

interface Change {
  readonly canister_version: bigint;
  readonly origin: object;
  readonly details: object;
}

interface Info {
  readonly total_num_changes: bigint;
  readonly recent_changes: readonly Change[];
  readonly module_hash: [] | [Uint8Array];
  readonly controllers: readonly Principal[];
}

function info(requested?: bigint): Info {
  const value = {
    canister_id: id,
    num_requested_changes: requested === undefined ? [] : [requested],
  };
  return decoded(types.CanisterInfoResult, ask('canister_info', types.CanisterInfo, value));
}

const WASM = canister('(func (export "canister_update run") (call $msg_reply))');

describe('the history of a canister', () => {
  test('has its creation, its code, and its controllers, with who did it', () => {
    dataOf(bench.install(id, WASM));
    dataOf(bench.install(id, WASM, { mode: UPGRADE }));
    dataOf(bench.install(id, WASM, { mode: { reinstall: null } }));
    dataOf(bench.manageId('uninstall_code', id));
    const settings = { controllers: [[CONTROLLER, asking]] };
    dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings }));
    const { total_num_changes, recent_changes, controllers } = info(10n);
    expect(total_num_changes).toBe(6n);
    expect(controllers).toHaveLength(2);
    const details = recent_changes.map((change) => Object.keys(change.details)[0]);
    expect(details).toEqual([
      'creation',
      'code_deployment',
      'code_deployment',
      'code_deployment',
      'code_uninstall',
      'controllers_change',
    ]);
    expect(recent_changes.map((change) => change.canister_version)).toEqual([
      0n,
      1n,
      2n,
      3n,
      4n,
      5n,
    ]);
    expect(recent_changes[0]!.details).toEqual({
      creation: { controllers: [CONTROLLER], environment_variables_hash: [] },
    });
    expect(recent_changes[3]!.details).toMatchObject({
      code_deployment: { mode: { reinstall: null } },
    });
    expect(recent_changes[5]!.origin).toEqual({ from_user: { user_id: CONTROLLER } });
  });

  test('remembers canisters by the version that they stated', () => {
    const settings = { controllers: [[CONTROLLER, asking]] };
    dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings }));
    const { version } = bench.replica.canister(asking)!;
    const uninstall = (stated: bigint): Response =>
      ask('uninstall_code', idl.UninstallCode, {
        canister_id: id,
        sender_canister_version: [stated],
      });
    dataOf(uninstall(version));
    const { origin } = info(1n).recent_changes[0]!;
    expect(origin).toEqual({ from_canister: { canister_id: asking, canister_version: [version] } });
    const refused = uninstall(version);
    expect(errorOf(refused)).toBe(5);
    expect(messageOf(refused)).toContain('does not match the actual sender canister version');
  });

  test('is told as far as somebody asks, and no further', () => {
    dataOf(bench.install(id, WASM));
    expect(info().recent_changes).toEqual([]);
    expect(info().total_num_changes).toBe(2n);
    expect(info(1n).recent_changes).toHaveLength(1);
    expect(info(2n ** 64n - 1n).recent_changes).toHaveLength(2);
    expect(info().module_hash).toHaveLength(1);
  });

  test('keeps the last 20 changes, and counts all', () => {
    for (let count = 0; count < 25; count++) dataOf(bench.manageId('uninstall_code', id));
    const { total_num_changes, recent_changes } = info(100n);
    expect([total_num_changes, recent_changes.length]).toEqual([26n, 20]);
  });

  test('is for canisters only', () => {
    const response = bench.manage('canister_info', types.CanisterInfo, { canister_id: id });
    expect(errorOf(response)).toBe(406);
    expect(messageOf(response)).toBe('Only canisters can call ic00 method canister_info');
  });
});

describe('metadata', () => {
  const withSections = writeSections([
    ...readSections(WASM),
    customSection('icp:public open', bytesOf('for all')),
    customSection('icp:private closed', bytesOf('for some')),
  ]);

  const read = (name: string): Response =>
    ask('canister_metadata', types.CanisterMetadata, { canister_id: id, name });
  const textIn = (response: Response): string =>
    textOf(decoded<{ value: Uint8Array }>(types.CanisterMetadataResult, response).value);

  test('is public, or for controllers', () => {
    expect(messageOf(read('open'))).toContain('has no Wasm module');
    dataOf(bench.install(id, withSections));
    expect(textIn(read('open'))).toBe('for all');
    expect(messageOf(read('closed'))).toContain('no metadata section with the name closed');
    expect(errorOf(read('nothing'))).toBe(4);
    const settings = { controllers: [[asking]] };
    dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings }));
    expect(textIn(read('closed'))).toBe('for some');
  });
});

describe('logs', () => {
  const CHATTY = `
    (data (i32.const 0) "hello")
    (func (export "canister_update say") (call $debug_print (i32.const 0) (i32.const 5)) (call $msg_reply))
    (func (export "canister_query whisper") (call $debug_print (i32.const 0) (i32.const 5)) (call $msg_reply))
    (func (export "canister_update fail") (call $debug_print (i32.const 0) (i32.const 5)) unreachable)`;

  interface Line {
    readonly idx: bigint;
    readonly content: Uint8Array;
  }

  const fetch = (filter?: types.LogFilter, sender?: Principal): Response =>
    bench.inquire(
      'fetch_canister_logs',
      types.FetchLogs,
      { canister_id: id, filter: filter === undefined ? [] : [filter] },
      sender,
    );
  const lines = (filter?: types.LogFilter): string[] =>
    decoded<{ canister_log_records: Line[] }>(types.Logs, fetch(filter)).canister_log_records.map(
      ({ idx, content }) => `${idx} ${textOf(content)}`,
    );

  beforeEach(() => {
    id = bench.deploy(CHATTY);
  });

  test('have what was printed and why a message trapped, but nothing of queries', () => {
    dataOf(bench.update(id, 'say'));
    dataOf(bench.query(id, 'whisper'));
    bench.update(id, 'fail');
    const [first, second, third, ...rest] = lines();
    expect([first, second, rest]).toEqual(['0 hello', '1 hello', []]);
    expect(third).toMatch(/^2 \[TRAP\]: .*unreachable/);
  });

  test('survive an upgrade; an installation begins a new page', () => {
    dataOf(bench.update(id, 'say'));
    dataOf(bench.install(id, canister(CHATTY), { mode: UPGRADE }));
    expect(lines()).toEqual(['0 hello']);
    dataOf(bench.install(id, canister(CHATTY), { mode: { reinstall: null } }));
    expect(lines()).toEqual([]);
    dataOf(bench.update(id, 'say'));
    expect(lines()).toEqual(['1 hello']);
    dataOf(bench.manageId('uninstall_code', id));
    expect(lines()).toEqual([]);
  });

  test('can be asked for by number and by time', () => {
    for (let count = 0; count < 4; count++) dataOf(bench.update(id, 'say'));
    expect(lines({ by_idx: { start: 1n, end: 3n } })).toEqual(['1 hello', '2 hello']);
    expect(lines({ by_idx: { start: 3n, end: 1n } })).toEqual([]);
    const end = bench.replica.clock.roundTime;
    expect(lines({ by_timestamp_nanos: { start: 0n, end } })).toHaveLength(3);
    expect(lines({ by_timestamp_nanos: { start: end, end: end + 1n } })).toEqual(['3 hello']);
  });

  test('take as much room as the settings give them', () => {
    const limit = (bytes: bigint): void => {
      const settings = { log_memory_limit: [bytes] };
      dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings }));
    };
    limit(0n);
    dataOf(bench.update(id, 'say'));
    expect(lines()).toEqual([]);
    limit(4096n);
    dataOf(bench.update(id, 'say'));
    expect(lines()).toEqual(['0 hello']);
  });

  test.each([
    ['controllers', { controllers: null }, 406],
    ['everybody', { public: null }, 0],
    ['a list with the reader', { allowed_viewers: [STRANGER] }, 0],
    ['a list of others', { allowed_viewers: [MANAGEMENT] }, 406],
  ] as [string, Visibility, number][])('are for %s', (_name, visibility, forStranger) => {
    const settings = { log_visibility: [visibility] };
    dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings }));
    const response = fetch(undefined, STRANGER);
    expect(response.kind === 'reply' ? 0 : errorOf(response)).toBe(forStranger);
    dataOf(fetch());
  });

  test('are not to be had by an update call, but canisters may ask', () => {
    const value = { canister_id: id };
    expect(errorOf(bench.manage('fetch_canister_logs', types.FetchLogs, value))).toBe(406);
    expect(errorOf(ask('fetch_canister_logs', types.FetchLogs, value))).toBe(4);
  });
});

test('the canisters of a subnet are listed as ranges', () => {
  const ids = Array.from({ length: 3 }, () => bench.create());
  dataOf(bench.manageId('stop_canister', ids[1]!));
  dataOf(bench.manageId('delete_canister', ids[1]!));
  const response = bench.query(MANAGEMENT, 'list_canisters', IDL.encode([], []));
  const { canisters } = decoded<{ canisters: { start: Principal; end: Principal }[] }>(
    types.CanisterRanges,
    response,
  );
  const texts = canisters.map(({ start, end }) => [start.toText(), end.toText()]);
  expect(texts).toEqual([
    [id.toText(), ids[0]!.toText()],
    [ids[2]!.toText(), ids[2]!.toText()],
  ]);
});

test('a subnet that is not there has no information', () => {
  const [subnet] = bench.replica.subnets;
  const tell = (subnet_id: Principal): Response =>
    ask('subnet_info', types.SubnetIdRecord, { subnet_id });
  expect(decoded<{ replica_version: string }>(types.SubnetInfo, tell(subnet!.id))).toMatchObject({
    registry_version: 1n,
  });
  expect(errorOf(tell(Principal.anonymous()))).toBe(4);
});

test('a module of nothing has no metadata either', () => {
  dataOf(bench.install(id, assemble('(module)')));
  const value = { canister_id: id, name: 'candid:service' };
  expect(errorOf(ask('canister_metadata', types.CanisterMetadata, value))).toBe(4);
});
