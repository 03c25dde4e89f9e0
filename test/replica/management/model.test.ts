/**
 * Random management calls by several people, against a plain model of who may do what and what
 * comes of it. Whatever is refused leaves the canister the very same value.
 */
import { expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';
import * as fc from 'fast-check';

import { nodeHost, type Response } from '../../../src/replica/index.js';
import * as idl from '../../../src/replica/management/idl.js';
import { METHODS } from '../../../src/replica/management/methods.js';
import { checkModel, type ModelRun, type Operation } from '../../support/model.js';
import { canister, CONTROLLER, errorOf, MANAGEMENT, STRANGER, UPGRADE } from '../support.js';
import { SnapshotBench } from './snapshot-bench.js';

type Kind =
  | 'create'
  | 'install'
  | 'reinstall'
  | 'upgrade'
  | 'uninstall'
  | 'start'
  | 'stop'
  | 'delete'
  | 'controllers'
  | 'chunk'
  | 'clear'
  | 'take'
  | 'load'
  | 'forget'
  | 'upload'
  | 'noise';

interface Step extends Operation<Kind> {
  readonly sender: number;
  readonly target: number;
  readonly value: number;
  readonly noise: Uint8Array;
}

const WEIGHTS: Record<Kind, number> = {
  create: 2,
  install: 4,
  reinstall: 2,
  upgrade: 2,
  uninstall: 2,
  start: 2,
  stop: 2,
  delete: 1,
  controllers: 3,
  chunk: 2,
  clear: 1,
  take: 5,
  load: 4,
  forget: 2,
  upload: 1,
  noise: 2,
};

const SENDERS = [CONTROLLER, STRANGER, MANAGEMENT] as const;
const CANISTERS_MAX = 3;
const MODULES = [0, 1].map((number) =>
  canister(`(func (export "canister_query q${number}") (call $msg_reply))`),
);
const METHOD_NAMES = [...METHODS.keys(), 'nothing'];

/** What the model knows of a canister; senders and modules by their numbers. */
interface Expected {
  readonly id: Principal;
  controllers: readonly number[];
  code: number | undefined;
  stopped: boolean;
  version: bigint;
  chunks: Set<number>;
  snapshots: { id: Uint8Array; code: number | undefined; chunks: Set<number> }[];
}

class ManagementRun implements ModelRun<Step> {
  readonly bench = new SnapshotBench();
  readonly #canisters: (Expected | undefined)[] = [];

  apply(step: Step): void {
    if (step.kind === 'create') return this.#create(step);
    if (step.kind === 'noise') return this.#noise(step);
    const expected = this.#canisters[step.target];
    if (expected === undefined) return;
    const before = this.bench.replica.canister(expected.id);
    const error = this.#errorOf(step, expected);
    const response = this.#send(step, expected);
    expect(response.kind === 'reply' ? 0 : errorOf(response)).toBe(error);
    if (error !== 0) expect(this.bench.replica.canister(expected.id)).toBe(before);
    else this.#effect(step, expected, response);
  }

  compare(): void {
    for (const expected of this.#canisters) {
      if (expected === undefined) continue;
      const found = this.bench.replica.canister(expected.id)!;
      expect({
        controllers: found.settings.controllers.map((one) => one.toText()),
        code: found.code && nodeHost.sha256(found.code.wasm),
        status: found.status,
        version: found.version,
        chunks: found.chunks.size,
        snapshots: [...found.snapshots.values()].map(({ id }) => id),
      }).toEqual({
        controllers: expected.controllers.map((sender) => SENDERS[sender]!.toText()),
        code: expected.code === undefined ? undefined : nodeHost.sha256(MODULES[expected.code]!),
        status: expected.stopped ? 'stopped' : 'running',
        version: expected.version,
        chunks: expected.chunks.size,
        snapshots: expected.snapshots.map(({ id }) => id),
      });
    }
  }

  #create({ sender, target }: Step): void {
    if (this.#canisters[target] !== undefined) return;
    this.#canisters[target] = {
      id: this.bench.create(1_000_000n, SENDERS[sender]),
      controllers: [sender],
      code: undefined,
      stopped: false,
      version: 0n,
      chunks: new Set(),
      snapshots: [],
    };
  }

  /** Bytes that mean nothing reach every method; whatever it says, nobody else's canister changes. */
  #noise({ sender, value, noise }: Step): void {
    const method = METHOD_NAMES[value % METHOD_NAMES.length]!;
    const before = this.bench.replica.canisters();
    this.bench.update(MANAGEMENT, method, noise, SENDERS[sender]);
    this.bench.query(MANAGEMENT, method, noise, SENDERS[sender]);
    const after = this.bench.replica.canisters();
    expect(before.every((one, index) => one === after[index])).toBe(true);
  }

  /** The error that the call has to end with, 0 for none. */
  #errorOf({ kind, sender, value }: Step, expected: Expected): number {
    if (!expected.controllers.includes(sender)) return 512;
    switch (kind) {
      case 'install':
        return expected.code === undefined ? 0 : 514;
      case 'upgrade':
        return expected.code === undefined ? 537 : 0;
      case 'delete':
        return expected.stopped ? 0 : 510;
      case 'take':
        return expected.code === undefined || expected.snapshots.length === 10 ? 406 : 0;
      case 'upload':
        return expected.snapshots.length === 10 ? 406 : 0;
      case 'load':
        return this.#loadError(expected, value);
      case 'forget':
        return expected.snapshots[value] === undefined ? 305 : 0;
      default:
        return 0;
    }
  }

  /** What was uploaded here has no module in it. */
  #loadError({ snapshots }: Expected, value: number): number {
    const snapshot = snapshots[value];
    if (snapshot === undefined) return 305;
    return snapshot.code === undefined ? 505 : 0;
  }

  #send({ kind, sender: number, value }: Step, { id, snapshots }: Expected): Response {
    const { bench } = this;
    const sender = SENDERS[number]!;
    const snapshot = snapshots[value]?.id ?? new Uint8Array(18);
    const install = (mode: idl.InstallMode): Response =>
      bench.install(id, MODULES[value % 2]!, { mode, sender });
    const manage = (method: string): Response => bench.manageId(method, id, sender);
    switch (kind) {
      case 'install':
        return install({ install: null });
      case 'reinstall':
        return install({ reinstall: null });
      case 'upgrade':
        return install(UPGRADE);
      case 'uninstall':
        return manage('uninstall_code');
      case 'start':
        return manage('start_canister');
      case 'stop':
        return manage('stop_canister');
      case 'delete':
        return manage('delete_canister');
      case 'clear':
        return manage('clear_chunk_store');
      case 'controllers': {
        const settings = { controllers: [controllersOf(value).map((each) => SENDERS[each]!)] };
        const argument = { canister_id: id, settings };
        return bench.manage('update_settings', idl.UpdateSettings, argument, sender);
      }
      case 'chunk': {
        const argument = { canister_id: id, chunk: Uint8Array.of(value) };
        return bench.manage('upload_chunk', idl.UploadChunk, argument, sender);
      }
      case 'take':
        return bench.take(id, {}, sender);
      case 'load':
        return bench.load(id, snapshot, sender);
      case 'forget':
        return bench.remove(id, snapshot, sender);
      default:
        return bench.uploadMetadata(id, {}, sender);
    }
  }

  #effect({ kind, target, value }: Step, expected: Expected, response: Response): void {
    switch (kind) {
      case 'install':
      case 'reinstall':
      case 'upgrade':
        expected.code = value % 2;
        expected.version++;
        break;
      case 'uninstall':
        Object.assign(expected, { code: undefined, chunks: new Set() });
        expected.version++;
        break;
      case 'start':
        expected.stopped = false;
        expected.version++;
        break;
      case 'stop':
        // Stopping and stopped are two changes.
        if (!expected.stopped) expected.version += 2n;
        expected.stopped = true;
        break;
      case 'delete':
        this.#canisters[target] = undefined;
        break;
      case 'controllers':
        expected.controllers = controllersOf(value);
        expected.version++;
        break;
      case 'chunk':
        expected.chunks.add(value);
        break;
      case 'clear':
        expected.chunks = new Set();
        break;
      case 'load': {
        const { code, chunks } = expected.snapshots[value]!;
        Object.assign(expected, { code, chunks: new Set(chunks) });
        expected.version++;
        break;
      }
      case 'forget':
        expected.snapshots.splice(value, 1);
        break;
      default:
        this.#added(kind, expected, response);
    }
  }

  #added(kind: Kind, expected: Expected, response: Response): void {
    expect(response.kind).toBe('reply');
    const { snapshots } = this.bench.replica.canister(expected.id)!;
    const { id } = [...snapshots.values()].at(-1)!;
    expected.snapshots.push({
      id,
      code: kind === 'take' ? expected.code : undefined,
      chunks: new Set(kind === 'take' ? expected.chunks : []),
    });
  }
}

/** One to three senders; never nobody, for then the canister would be lost to the test. */
function controllersOf(value: number): readonly number[] {
  const chosen = [0, 1, 2].filter((sender) => ((value >> sender) & 1) === 1);
  return chosen.length === 0 ? [0] : chosen;
}

test('only controllers change a canister, and always as the model says', () => {
  checkModel<Kind, Step>(
    WEIGHTS,
    (kind) =>
      fc.record({
        kind,
        sender: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 2 })),
        target: fc.nat({ max: CANISTERS_MAX - 1 }),
        value: fc.nat({ max: 11 }),
        noise: fc.uint8Array({ maxLength: 40 }),
      }),
    () => new ManagementRun(),
  );
});
