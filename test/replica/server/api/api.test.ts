/** What the HTTPS interface refuses, and in which words; each request differs from a good one. */
import { readFileSync } from 'node:fs';

import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Principal } from '@dfinity/principal';

import { path } from '../../../../src/replica/certification/certifier.js';
import { encodeCbor } from '../../../../src/replica/certification/cbor.js';
import { hex } from '../../../../src/replica/hex.js';
import {
  ANONYMOUS,
  ApiClient,
  delegate,
  ed25519,
  MINUTE,
  requestIdOf,
  senderOf,
  signed,
  type Content,
  type Envelope,
} from './requests.js';

let client: ApiClient;

beforeAll(() => {
  client = new ApiClient({ subnets: ['Application', 'Application'] });
});

function without(content: Content, field: string): Content {
  return Object.fromEntries(Object.entries(content).filter(([name]) => name !== field));
}

const stranger = ed25519(2);
const session = ed25519(3);

describe('an envelope is refused', () => {
  const good = (): Content => client.call('echo');
  const cases: [what: string, make: () => Envelope, says: RegExp][] = [
    ['without content', () => ({ ...signed(good(), client.user), content: undefined }), /CBOR|map/],
    ['of another type', () => signed(client.query('echo'), client.user), /expected 'call'/],
    [
      'of a type that nobody knows',
      () => signed(client.call('echo', { request_type: 'status' }), client.user),
      /'status' is none that is known/,
    ],
    [
      'with a text where bytes belong',
      () => signed(client.call('echo', { arg: 'text' }), client.user),
      /arg: expected a byte string/,
    ],
    [
      'with an argument that is missing',
      () => signed(without(good(), 'arg'), client.user),
      /arg: expected a byte string/,
    ],
    [
      'with a principal that is too long',
      () => signed(client.call('echo', { canister_id: new Uint8Array(30) }), client.user),
      /at most 29 bytes/,
    ],
    [
      'with a nonce that is too long',
      () => signed(client.call('echo', { nonce: new Uint8Array(33) }), client.user),
      /at most 32 bytes/,
    ],
    [
      'that expired',
      () => signed(client.call('echo', { ingress_expiry: 1n }), client.user),
      /^Invalid request expiry: Specified ingress_expiry not within expected range: Minimum allowed expiry: 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{9})? UTC, Maximum allowed expiry: .*, Provided expiry: 1970-01-01 00:00:00\.000000001 UTC$/,
    ],
    [
      'that expires too late',
      () => {
        const ingress_expiry = client.bench.replica.clock.now + 6n * MINUTE;
        return signed(client.call('echo', { ingress_expiry }), client.user);
      },
      /^Invalid request expiry: /,
    ],
    [
      'without a signature',
      () => ({ ...signed(good(), client.user), sender_sig: null }),
      /^Missing signature from user: /,
    ],
    [
      'of somebody else',
      () => signed(client.call('echo', { sender: senderOf(stranger) }), client.user),
      /does not match the public key/,
    ],
    [
      'whose signature is for something else',
      () => ({ ...signed(client.call('count'), client.user), content: good() }),
      /^Invalid signature: /,
    ],
    [
      'that nobody signed, but with a signature',
      () => signed(client.call('echo', { sender: ANONYMOUS }), client.user),
      /^Signature is not allowed for the anonymous user/,
    ],
    [
      'whose key is none',
      () => {
        const key = { ...client.user, publicKey: client.user.publicKey.slice(1) };
        return signed(client.call('echo', { sender: senderOf(key) }), key);
      },
      /Invalid public key/,
    ],
    [
      'whose delegation expired',
      () =>
        signed(good(), session, client.user, [delegate(client.user, session, { expiration: 1n })]),
      /^Invalid delegation expiry: /,
    ],
    [
      'whose delegation was signed by somebody else',
      () => signed(good(), session, client.user, [delegate(stranger, session)]),
      /^Invalid delegation: /,
    ],
    [
      'whose delegation is to somebody else',
      () => signed(good(), session, client.user, [delegate(client.user, stranger)]),
      /^Invalid signature: /,
    ],
    [
      'whose delegations run in a circle',
      () => signed(good(), client.user, client.user, [delegate(client.user, client.user)]),
      /at least one cycle/,
    ],
    [
      'whose delegation is for another canister',
      () => {
        const targets = [Uint8Array.of(1)];
        return signed(good(), session, client.user, [delegate(client.user, session, { targets })]);
      },
      /is not one of the delegation targets/,
    ],
    [
      'whose delegation is for queries only',
      () => {
        const link = delegate(client.user, session, { permissions: 'queries' });
        return signed(good(), session, client.user, [link]);
      },
      /good for queries only/,
    ],
    [
      'whose delegation has too many targets',
      () => {
        const targets = Array.from({ length: 1001 }, () => client.id.toUint8Array());
        return signed(good(), session, client.user, [delegate(client.user, session, { targets })]);
      },
      /1001 targets/,
    ],
    [
      'with too many delegations',
      () => {
        const keys = [
          client.user,
          ...Array.from({ length: 21 }, (_, index) => ed25519(100 + index)),
        ];
        const links = keys.slice(1).map((key, index) => delegate(keys[index]!, key));
        return signed(good(), keys.at(-1)!, client.user, links);
      },
      /Chain of delegations is too long/,
    ],
    [
      'for a canister that is not the one in the address',
      () => signed(client.call('echo', { canister_id: Uint8Array.of(1) }), client.user),
      /does not match effective canister id in URL/,
    ],
  ];

  test.each(cases)('%s', (_, make, says) => {
    const answer = client.post('v3 call', make());
    expect(answer).toMatchObject({ status: 400, text: expect.stringMatching(says) });
  });

  test('none of which is the fault of the good one', () => {
    expect(client.send('v3 call', good()).status).toBe(200);
    const keys = [client.user, ...Array.from({ length: 20 }, (_, index) => ed25519(100 + index))];
    const links = keys.slice(1).map((key, index) => delegate(keys[index]!, key));
    const chained = signed(client.call('whoami'), keys.at(-1)!, client.user, links);
    expect(client.post('v3 call', chained).status).toBe(200);
  });
});

describe('a request is refused', () => {
  const good = (): Uint8Array => encodeCbor(signed(client.call('echo'), client.user));

  test.each([
    ['at an address without an endpoint', '/api/v2/nothing', 404],
    ['at a version that its endpoint never had', 'v4 query', 404],
    ['at a version that nobody knows', 'v5 call', 404],
    ['at an address that is no principal', '/api/v3/canister/what/call', 400],
    ['at the address of a user', `/api/v3/canister/${Principal.anonymous().toText()}/call`, 400],
    ['at a subnet that is not here', '/api/v4/subnet/aaaaa-aa/call', 400],
  ])('%s', (_, endpoint, status) => {
    expect(client.request(endpoint, { body: good() }).status).toBe(status);
  });

  test('by another method', () => {
    expect(client.request('v3 call', { method: 'GET', body: good() }).status).toBe(405);
    expect(client.request('/api/v2/status', { method: 'POST' }).status).toBe(405);
  });

  test.each([undefined, 'application/json', 'application/cbor; charset=utf-8'])(
    'with the content type %p',
    (contentType) => {
      const answer = client.request('v3 call', { contentType, body: good() });
      expect(answer).toEqual({
        status: 400,
        text: 'Unexpected content-type, expected application/cbor.',
        fields: new Map(),
      });
    },
  );

  test('with a body of more than 4 MiB', () => {
    const body = (size: number) => new Uint8Array(size);
    expect(client.request('v3 call', { body: body(4 * 2 ** 20 + 1) }).status).toBe(413);
    expect(client.request('v3 call', { body: body(4 * 2 ** 20) }).status).toBe(400);
  });

  test('with an argument of more than 2 MiB', () => {
    const arg = (size: number) => client.call('count', { arg: new Uint8Array(size) });
    expect(client.send('v3 call', arg(2 * 2 ** 20 + 1)).status).toBe(413);
    expect(client.send('v3 call', arg(2 * 2 ** 20)).status).toBe(200);
  });
});

describe('a call', () => {
  const counted = (envelope: Envelope, endpoint = 'v3 call'): number => {
    client.post(endpoint, envelope);
    const id = hex(requestIdOf(envelope['content'] as Content));
    const { status } = client.bench.replica.ingress(id)!;
    if (typeof status === 'string' || status.kind === 'reject') throw new Error('not replied');
    return status.data[0]!;
  };

  test('that comes twice is carried out once', () => {
    const first = signed(client.call('count', { nonce: Uint8Array.of(1) }), client.user);
    const second = signed(client.call('count', { nonce: Uint8Array.of(2) }), client.user);
    const count = counted(first);
    expect(counted(first)).toBe(count);
    expect(counted(first, 'v2 call')).toBe(count);
    expect(counted(second)).toBe(count + 1);
  });

  test('is taken in by version 2, and answered by a certificate later on', () => {
    expect(client.send('v2 call', client.call('echo'))).toMatchObject({ status: 202, text: '' });
    const { fields } = client.send('v4 call', client.call('echo'));
    expect(fields.get('status')).toBe('replied');
    expect(fields.get('certificate')).toBeInstanceOf(Uint8Array);
  });

  test('that its canister refuses to look at is in no certificate', () => {
    const rejected = { reject_code: 5, error_code: 'IC0536' };
    const answer = client.send('v3 call', client.call('nothing'));
    expect(Object.fromEntries(answer.fields)).toMatchObject({
      ...rejected,
      status: 'non_replicated_rejection',
    });
    const older = client.send('v2 call', client.call('nothing'));
    expect(older.status).toBe(200);
    expect(Object.fromEntries(older.fields)).toMatchObject(rejected);
    expect(older.fields.has('status')).toBe(false);
  });

  test('whose sender says nothing of itself may be anonymous', () => {
    const content = client.call('whoami', { sender: ANONYMOUS });
    expect(client.post('v3 call', { content }).status).toBe(200);
  });
});

describe('a query', () => {
  test('by nobody in particular may be of any age', () => {
    const content = client.query('echo_query', { sender: ANONYMOUS, ingress_expiry: 0n });
    expect(client.post('v3 query', { content }).status).toBe(200);
    const old = client.query('echo_query', { ingress_expiry: 0n });
    expect(client.send('v3 query', old)).toMatchObject({ status: 400 });
  });

  test('is all that a delegation for queries is good for', () => {
    const link = delegate(client.user, session, { permissions: 'queries' });
    const envelope = signed(client.query('echo_query'), session, client.user, [link]);
    expect(client.post('v3 query', envelope).status).toBe(200);
  });
});

describe('the state', () => {
  const read = (paths: Uint8Array[][], endpoint = 'v3 read_state') =>
    client.send(endpoint, client.readState(paths)).status;
  const labels = (...parts: (string | Uint8Array)[]): Uint8Array[] => [...path(...parts)];
  let own: Uint8Array;
  let root: Uint8Array;
  let other: Uint8Array;

  beforeEach(() => {
    own = client.id.toUint8Array();
    [root, other] = client.bench.replica.subnets.map(({ id }) => id.toUint8Array()) as [
      Uint8Array,
      Uint8Array,
    ];
  });

  test('can be read where it is for everybody', () => {
    const node = client.bench.replica.subnets[0]!.node.id.toUint8Array();
    const open = [
      labels('time'),
      labels('subnet'),
      labels('subnet', root, 'node', node, 'public_key'),
      labels('subnet', other, 'type'),
      labels('subnet', root, 'canister_ranges'),
      labels('canister', own, 'controllers'),
      labels('canister', own, 'module_hash'),
      labels('canister', own, 'metadata', 'candid:service'),
      labels('request_status', new Uint8Array(32)),
      labels('api_boundary_nodes'),
    ];
    expect(read(open)).toBe(200);
  });

  test('cannot be read where it is for nobody', () => {
    for (const closed of [
      [],
      labels('Time'),
      labels('canister'),
      labels('canister', own),
      labels('canister', own, 'certified_data'),
      labels('request_status'),
      labels('request_status', new Uint8Array(32), 'sender'),
      labels('subnet', root, 'secret_key'),
      labels('metadata'),
    ]) {
      expect(read([closed])).toBe(404);
    }
  });

  test('of another canister is at its own address', () => {
    expect(read([labels('canister', Uint8Array.of(1), 'controllers')])).toBe(400);
    expect(read([labels('canister', Uint8Array.of(1), 'metadata', 'x')])).toBe(400);
  });

  test('has ranges in the old form for old clients, in the new one at the subnet', () => {
    const subnet = Principal.fromUint8Array(other).toText();
    const [flat, sharded] = [
      labels('subnet', other, 'canister_ranges'),
      labels('canister_ranges', other),
    ];
    expect(read([flat], 'v2 read_state')).toBe(200);
    expect(read([flat], 'v3 read_state')).toBe(404);
    expect(read([sharded], 'v3 read_state')).toBe(404);
    expect(read([sharded], `/api/v3/subnet/${subnet}/read_state`)).toBe(200);
    expect(read([flat], `/api/v2/subnet/${subnet}/read_state`)).toBe(200);
  });

  test('tells the metrics of a subnet at the address of that subnet', () => {
    const metrics = (subnet: Uint8Array) => [labels('subnet', subnet, 'metrics')];
    for (const version of ['v2', 'v3']) {
      const address = `/api/${version}/subnet/${Principal.fromUint8Array(root).toText()}/read_state`;
      expect(read(metrics(root), address)).toBe(200);
      expect(read(metrics(other), address)).toBe(404);
      expect(read(metrics(root), `${version} read_state`)).toBe(404);
    }
  });

  test('is read in at most 1,000 paths of at most 127 labels', () => {
    const label = Uint8Array.of(1);
    const many = (count: number) => Array.from({ length: count }, () => labels('time'));
    expect(read(many(1000))).toBe(200);
    expect(read(many(1001))).toBe(400);
    expect(read([Array.from({ length: 127 }, () => label)])).toBe(404);
    expect(read([Array.from({ length: 128 }, () => label)])).toBe(400);
  });

  test('tells of a request its sender only, at the address to which it was sent', () => {
    const content = client.call('echo');
    client.send('v3 call', content);
    const paths = [labels('request_status', requestIdOf(content))];
    expect(read(paths)).toBe(200);
    const asked = client.readState(paths, { sender: senderOf(stranger) });
    expect(client.post('v3 read_state', signed(asked, stranger)).status).toBe(403);
    const elsewhere = client.deploy('').toText();
    expect(read(paths, `/api/v3/canister/${elsewhere}/read_state`)).toBe(403);
    const link = delegate(client.user, session, { targets: [Uint8Array.of(1)] });
    const delegated = signed(client.readState(paths), session, client.user, [link]);
    expect(client.post('v3 read_state', delegated).status).toBe(403);
    expect(read([...paths, labels('request_status', new Uint8Array(32))])).toBe(400);
    expect(read([labels('request_status', new Uint8Array(31))])).toBe(400);
  });
});

test('the status names the version of this package, the root key, and how it goes', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const { status, fields } = client.request('/api/v2/status', { method: 'GET' });
  expect(status).toBe(200);
  expect(fields).toEqual(
    new Map<string, unknown>([
      ['root_key', client.bench.replica.rootKey],
      ['impl_version', version],
      ['replica_health_status', 'healthy'],
    ]),
  );
});
