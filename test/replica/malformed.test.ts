/**
 * 10,000 malformed requests: CBOR to the interface of agents, JSON to PocketIC's, Wasm modules to
 * `install_code`. None is accepted, none brings the server down, and the canister that stood by
 * is as it was.
 *
 * Each is made from a good request, so that it gets far before it is refused.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import * as fc from 'fast-check';

import { ErrorCode, startReplica, type ReplicaServer } from '../../src/replica/index.js';
import { seedOfRun } from '../support/property.js';
import { goodEnvelopes } from './malformed/envelopes.js';
import { goodBodies, wrongBodiesOf } from './malformed/json.js';
import { mutantsOf } from './malformed/mutants.js';
import { PicRequests, type Request } from './malformed/requests.js';
import { Bench, canister } from './support.js';

const CBOR_REQUESTS = 4_000;
const JSON_REQUESTS = 3_000;
const WASM_MODULES = 3_000;

/** Says that CBOR follows. It may be left out, so it stays as it is. */
const TAG = [0xd9, 0xd9, 0xf7];

const ENVELOPES = ['call', 'query', 'read_state', 'read_state'];

jest.setTimeout(240_000);

const COUNTER = canister(`
  (global $count (mut i64) (i64.const 0))
  (table 2 funcref)
  (elem (i32.const 0) $read)
  (data (i32.const 100) "kept")
  (func $read (export "canister_query read") (call $reply_i64 (global.get $count)))
  (func (export "canister_update increment")
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (call $read))`);

let server: ReplicaServer;
let pic: PicRequests;
let bystander: Principal;

beforeAll(async () => {
  server = await startReplica();
  pic = await PicRequests.start(server.url);
  bystander = await pic.createCanister();
  await pic.install(bystander, COUNTER);
  expect(await count('increment')).toBe(1n);
  await pic.post({ path: '/auto_progress', type: 'application/json', body: utf8('{}') });
});

afterAll(async () => {
  expect(await count('increment')).toBe(2n); // Nothing in between was carried out.
  await server.stop();
});

test('CBOR that is damaged anywhere is refused', async () => {
  const good = await goodEnvelopes(pic.url, bystander);
  expect(good.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(ENVELOPES);
  const mutants = sample(
    fc.constantFrom(...good).chain(({ body, ...rest }) =>
      mutantsOf(body.subarray(TAG.length)).map((mutant): Request => ({
        ...rest,
        body: Uint8Array.of(...TAG, ...mutant),
      })),
    ),
    CBOR_REQUESTS,
  );
  await expectRefusals(mutants);
});

test('JSON with something missing or wrong is refused', async () => {
  const good = goodBodies(bystander);
  await expectRefusals(sample(fc.constantFrom(...good).chain(wrongBodiesOf), JSON_REQUESTS));
});

/** These go to the core itself: it is the one that reads them. */
test('modules that are none are refused', () => {
  const bench = new Bench();
  const target = bench.create();
  const isMalformed = (wasm: Uint8Array): boolean => !WebAssembly.validate(wasm as BufferSource);
  const modules = sample(mutantsOf(COUNTER).filter(isMalformed), WASM_MODULES);
  const others: string[] = [];
  for (const wasm of modules) {
    const response = bench.install(target, wasm);
    if (response.kind === 'reject' && response.rejection.errorCode === ErrorCode.invalidModule) {
      continue;
    }
    others.push(hexOf(wasm));
  }
  expect(others).toEqual([]);
  expect(bench.replica.canister(target)!.code).toBeUndefined();
});

/** The same requests again with the same `SEED`. */
function sample<T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] {
  return fc.sample(arbitrary, { numRuns, seed: seedOfRun() });
}

/** Refused is what the server itself calls the client's fault. */
async function expectRefusals(requests: readonly Request[]): Promise<void> {
  const others: string[] = [];
  for (const request of requests) {
    const { status, text } = await pic.post(request);
    if (status >= 400 && status < 500) continue;
    others.push(`${status} ${text} for ${request.path} ${hexOf(request.body)}`);
  }
  expect(others).toEqual([]);
}

async function count(method: string): Promise<bigint> {
  const [value] = IDL.decode([IDL.Nat64], withHeader(await pic.update(bystander, method)));
  return value as unknown as bigint;
}

/** The counter replies with 8 bytes; in front of them belongs what Candid says of a nat64. */
function withHeader(bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(...utf8('DIDL'), 0, 1, 0x78, ...bytes);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
