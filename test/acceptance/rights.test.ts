/** Who may do what with a map, tried by several identities. */
import { createIdentity, type PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Refusal } from '../../src/canister/refusal.js';
import { Principal } from '../../src/lib/index.js';
import {
  connect,
  createMapRequest,
  DataCanister,
  ok,
  scan,
  value,
  type DataActor,
} from './support/data-canister.js';

const KEY = { nat64: 1n };
const NOT_AUTHORIZED: { Err: Refusal } = { Err: { NotAuthorized: null } };

const ada = createIdentity('ada');
const grace = createIdentity('grace');

/** Every method that writes, as somebody would call it. */
const WRITES: Record<string, (actor: DataActor) => Promise<unknown>> = {
  create_map: (actor) => actor.create_map(createMapRequest('another', 'text')),
  insert: (actor) => actor.insert('ours', KEY, value(2)),
  insert_many: (actor) => actor.insert_many('ours', [{ key: KEY, value: value(2) }]),
  remove: (actor) => actor.remove('ours', KEY),
  grant: (actor) => actor.grant('ours', ada.getPrincipal()),
  revoke: (actor) => actor.revoke('ours', ada.getPrincipal()),
  set_closed: (actor) => actor.set_closed('ours', true),
};

const READS: Record<string, (actor: DataActor) => Promise<unknown>> = {
  get: (actor) => actor.get('ours', KEY),
  get_many: (actor) => actor.get_many('ours', [KEY]),
  contains: (actor) => actor.contains('ours', KEY),
  length: (actor) => actor.length('ours'),
  scan: (actor) => actor.scan('ours', scan()),
};

let pic: PocketIc;
let data: DataCanister;

beforeAll(async () => {
  pic = await connect();
  data = await DataCanister.install(pic);
  await data.createMap('ours', 'nat64');
  await data.createMap('theirs', 'nat64');
});

beforeEach(async () => {
  ok(await data.actor.insert('ours', KEY, value(1)));
  ok(await data.actor.revoke('ours', ada.getPrincipal()));
  ok(await data.actor.set_closed('ours', false));
});

afterAll(() => pic.tearDown());

test.each(Object.keys(WRITES))(
  '%s by a stranger is refused and changes nothing',
  async (method) => {
    const before = await data.content();
    expect(await WRITES[method]!(data.as(ada))).toEqual(NOT_AUTHORIZED);
    expect(await data.content()).toEqual(before);
  },
);

test.each(Object.keys(WRITES))(
  '%s by the anonymous caller is rejected before it runs, not answered',
  async (method) => {
    const before = await data.content();
    await expect(WRITES[method]!(data.as())).rejects.toThrow(
      /rejected the message.*Reject code: 4\. Error code: 406/s,
    );
    expect(await data.content()).toEqual(before);
  },
);

test.each(Object.keys(READS))('%s is open to everybody', async (method) => {
  for (const actor of [data.as(), data.as(ada), data.actor]) {
    expect(await READS[method]!(actor)).toHaveProperty('Ok');
  }
});

describe('a granted writer', () => {
  beforeEach(async () => {
    ok(await data.actor.grant('ours', ada.getPrincipal()));
  });

  test('may write that map, and no other', async () => {
    expect(ok(await data.as(ada).insert('ours', KEY, value(3)))).toEqual([value(1)]);
    expect(await data.as(ada).insert('theirs', KEY, value(3))).toEqual(NOT_AUTHORIZED);
    expect(await data.as(grace).insert('ours', KEY, value(3))).toEqual(NOT_AUTHORIZED);
  });

  test.each(['create_map', 'grant', 'revoke', 'set_closed'])('may not %s', async (method) => {
    expect(await WRITES[method]!(data.as(ada))).toEqual(NOT_AUTHORIZED);
  });

  test('may write after an upgrade, too', async () => {
    await data.upgrade();
    expect(ok(await data.as(ada).insert('ours', KEY, value(4)))).toEqual([value(1)]);
  });

  test('may no longer write once the grant is revoked', async () => {
    ok(await data.actor.revoke('ours', ada.getPrincipal()));
    expect(await data.as(ada).insert('ours', KEY, value(5))).toEqual(NOT_AUTHORIZED);
  });
});

describe('a closed map', () => {
  beforeEach(async () => {
    ok(await data.actor.grant('ours', ada.getPrincipal()));
    ok(await data.actor.set_closed('ours', true));
  });

  test.each(Object.keys(READS))('is not shown by %s to a stranger', async (method) => {
    expect(await READS[method]!(data.as())).toEqual(NOT_AUTHORIZED);
    expect(await READS[method]!(data.as(grace))).toEqual(NOT_AUTHORIZED);
  });

  test.each(Object.keys(READS))('is shown by %s to its writers and controllers', async (method) => {
    expect(await READS[method]!(data.as(ada))).toHaveProperty('Ok');
    expect(await READS[method]!(data.actor)).toHaveProperty('Ok');
  });

  test('stays closed through an upgrade, until it is opened', async () => {
    await data.upgrade();
    expect(await data.as(grace).get('ours', KEY)).toEqual(NOT_AUTHORIZED);
    ok(await data.actor.set_closed('ours', false));
    expect(ok(await data.as(grace).get('ours', KEY))).toEqual([value(1)]);
  });
});

test('a grant to the anonymous caller lets nobody write', async () => {
  const anonymous = data.as();
  ok(await data.actor.grant('ours', Principal.anonymous()));
  await expect(anonymous.insert('ours', KEY, value(6))).rejects.toThrow('Error code: 406');
  expect(ok(await anonymous.get('ours', KEY))).toEqual([value(1)]);
});
