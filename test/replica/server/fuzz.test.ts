/** Whatever comes as JSON: an answer of the kind that clients know, and never a fault of ours. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';

import { ServerRoutes } from '../../../src/replica/server/server-routes.js';
import { stringifyExact } from '../../../src/replica/server/wire.js';
import { checkAsyncProperty } from '../../support/property.js';

jest.setTimeout(60_000); // The first keys of a server take their time on a busy machine.

const RUNS = 150;

const routes = new ServerRoutes();

beforeAll(async () => {
  await post('/instances', { subnet_config_set: { application: [{ state_config: 'New' }] } });
});

afterAll(() => routes.close());

async function send(path: string, body: Uint8Array): Promise<number> {
  const request = { method: 'POST', path, query: '', headers: [], body };
  try {
    return (await routes.answer(request)).status;
  } catch (thrown) {
    return routes.refusal(thrown).status;
  }
}

function post(path: string, value: unknown): Promise<number> {
  return send(path, new TextEncoder().encode(stringifyExact(value)));
}

const ID = '//////+gAAEB';
const ZERO_32 = 'A'.repeat(43) + '=';

/** For each route a request that is well-formed. */
const REQUESTS: Readonly<Record<string, object>> = {
  '/instances': {
    subnet_config_set: { nns: { state_config: 'New' }, application: [{ dts_flag: 'Enabled' }] },
    icp_config: { beta_features: 'Enabled' },
    initial_time: { Timestamp: { nanos_since_epoch: 2n ** 63n } },
  },
  '/http_gateway': { forward_to: { PocketIcInstance: 99 }, port: 0, domains: ['a'] },
  '/http_gateway/0/stop': {},
  '/instances/0/update/set_time': { nanos_since_epoch: 1_700_000_000_000_000_001n },
  '/instances/0/update/set_certified_time': { nanos_since_epoch: 1_700_000_000_000_000_001n },
  '/instances/0/update/tick': {
    blockmakers: { blockmakers_per_subnet: [{ subnet: { subnet_id: ID }, blockmaker: {} }] },
  },
  '/instances/0/update/submit_ingress_message': {
    sender: 'BA==',
    canister_id: '',
    effective_principal: { CanisterId: ID },
    method: 'canister_status',
    payload: 'RElETAFsAbOwxqUFaAEAAQA=',
  },
  '/instances/0/update/await_ingress_message': {
    effective_principal: { CanisterId: ID },
    message_id: ZERO_32,
  },
  '/instances/0/read/ingress_status': {
    raw_message_id: { effective_principal: { CanisterId: ID }, message_id: ZERO_32 },
    raw_caller: 'BA==',
  },
  '/instances/0/read/query': {
    sender: 'BA==',
    canister_id: ID,
    effective_principal: 'None',
    method: 'x',
    payload: '',
  },
  '/instances/0/read/get_cycles': { canister_id: ID },
  '/instances/0/update/add_cycles': { canister_id: ID, amount: 2n ** 100n },
  '/instances/0/read/get_stable_memory': { canister_id: ID },
  '/instances/0/update/set_stable_memory': { canister_id: ID, blob_id: ZERO_32 },
  '/instances/0/read/get_controllers': { canister_id: ID },
  '/instances/0/read/get_subnet': { canister_id: ID },
  '/instances/0/update/mock_canister_http': {
    subnet_id: { subnet_id: ID },
    request_id: 0,
    response: {
      CanisterHttpReply: { status: 200, headers: [{ name: 'a', value: 'b' }], body: '' },
    },
    additional_responses: [{ CanisterHttpReject: { reject_code: 1, message: '' } }],
  },
};

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt(),
  fc.string(),
  fc.base64String({ maxLength: 60 }),
  fc.constantFrom('None', 'New', '__proto__', 'constructor', '12345678901234567890n', ID),
);

const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** Every place in a value, as the keys that lead there. */
function placesOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [
    [],
    ...Object.entries(value).flatMap(([key, one]) => placesOf(one).map((place) => [key, ...place])),
  ];
}

/** The value with another one at one place. */
function changed(value: unknown, [key, ...rest]: string[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy = (
    Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }
  ) as Record<string, unknown>;
  copy[key] = changed(copy[key], rest, other);
  return copy;
}

const KNOWN = [200, 201, 400, 403, 404, 502];

test.each(Object.entries(REQUESTS))('%s with one field changed', async (path, request) => {
  const place = fc.constantFrom(...placesOf(request));
  const answer = fc.asyncProperty(place, anything, async (keys, other) => {
    expect(KNOWN).toContain(await post(path, changed(request, keys, other)));
  });
  await checkAsyncProperty(answer, { numRuns: RUNS });
});

test.each([0n, -1n, 2n ** 128n])('every route with the bare integer %s', async (integer) => {
  for (const path of Object.keys(REQUESTS)) {
    expect(KNOWN).toContain(await post(path, integer));
  }
});

test('every route with bytes that are no JSON, or no object', async () => {
  const path = fc.constantFrom(...Object.keys(REQUESTS));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    anything.map((value) => new TextEncoder().encode(stringifyExact(value))),
    fc.constant(new TextEncoder().encode('['.repeat(100_000))),
    fc.constant(new TextEncoder().encode('{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000))),
  );
  const answer = fc.asyncProperty(path, bytes, async (one, body) => {
    expect(KNOWN).toContain(await send(one, body));
  });
  await checkAsyncProperty(answer, { numRuns: RUNS });
});
