/** Values that a client believes because the subnet has signed for them. */
import {
  Cbor,
  Certificate,
  lookup_path,
  LookupPathStatus,
  lookupResultToBuffer,
  reconstruct,
  type HashTree,
} from '@dfinity/agent';
import { createIdentity, type PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Key } from '../../src/canister/keys.js';
import { connect, DataCanister, ok, type CertifiedValue } from './support/data-canister.js';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

let pic: PocketIc;
let canister: DataCanister;

beforeAll(async () => {
  pic = await connect();
  canister = await DataCanister.install(pic);
  await canister.createMap('plain', 'text');
  await canister.createMap('balances', 'text', { isCertified: true });
  await canister.createMap('squares', 'nat64', { isCertified: true });
  const entries = ['ada', 'bo', 'cyd'].map((name) => ({ key: { text: name }, value: utf8(name) }));
  ok(await canister.actor.insert_many('balances', entries));
  for (const number of [3n, 5n, 8n]) {
    ok(await canister.actor.insert('squares', { nat64: number }, utf8(String(number * number))));
  }
});

afterAll(() => pic.tearDown());

/** What a client believes of an answer; throws where anything is not as it should be. */
async function believed(answer: CertifiedValue, path: (string | Uint8Array)[]) {
  const subnet = await pic.getCanisterSubnetId(canister.id);
  const certificate = await Certificate.create({
    certificate: Uint8Array.from(answer.certificate),
    rootKey: Uint8Array.from(await pic.getPubKey(subnet!)),
    canisterId: canister.id as never,
    disableTimeVerification: true,
  });
  const id = canister.id.toUint8Array();
  const signed = lookupResultToBuffer(certificate.lookup_path(['canister', id, 'certified_data']));
  const witness = Cbor.decode<HashTree>(Uint8Array.from(answer.witness));
  expect(hex(await reconstruct(witness))).toBe(hex(signed!));
  const result = lookup_path(path, witness);
  return result.status === LookupPathStatus.Found ? result.value : result.status;
}

async function certified(map: string, key: Key): Promise<CertifiedValue> {
  return ok(await canister.as().get_certified(map, key));
}

test('a query answers with a value, and the client finds it under the root hash', async () => {
  for (const name of ['ada', 'bo', 'cyd']) {
    const answer = await certified('balances', { text: name });
    expect(answer.value.map(hex)).toEqual([hex(utf8(name))]);
    expect(await believed(answer, ['balances', name])).toEqual(utf8(name));
  }
});

test('all certified maps hang below the one root', async () => {
  const answer = await certified('squares', { nat64: 5n });
  const label = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5);
  expect(await believed(answer, ['squares', label])).toEqual(utf8('25'));
  expect(await believed(answer, ['balances', 'ada'])).not.toEqual(utf8('ada'));
});

test('a key that is not there is proved to be absent', async () => {
  const answer = await certified('balances', { text: 'bob' });
  expect(answer.value).toEqual([]);
  const other = await certified('squares', { nat64: 4n });
  const label = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 4);
  expect(await believed(other, ['squares', label])).toBe(LookupPathStatus.Absent);
});

test('every change is certified, and an old answer is no longer believed', async () => {
  const old = await certified('balances', { text: 'ada' });
  ok(await canister.actor.insert('balances', { text: 'ada' }, utf8('rich')));
  const now = await certified('balances', { text: 'ada' });
  expect(await believed(now, ['balances', 'ada'])).toEqual(utf8('rich'));
  const mixed = { ...old, certificate: now.certificate };
  await expect(believed(mixed, ['balances', 'ada'])).rejects.toThrow();
  ok(await canister.actor.remove('balances', { text: 'ada' }));
  expect((await certified('balances', { text: 'ada' })).value).toEqual([]);
  ok(await canister.actor.insert('balances', { text: 'ada' }, utf8('ada')));
});

test('after an upgrade the same is certified again', async () => {
  await canister.upgrade();
  const answer = await certified('balances', { text: 'ada' });
  expect(await believed(answer, ['balances', 'ada'])).toEqual(utf8('ada'));
});

test('certified maps are scanned and listed as others are', async () => {
  expect((await canister.entries('squares')).map(({ key }) => key)).toEqual(
    [3n, 5n, 8n].map((nat64) => ({ nat64 })),
  );
  const maps = await canister.actor.list_maps();
  expect(maps.map(({ name, certified: is, length }) => [name, is, length])).toEqual([
    ['balances', true, 3n],
    ['plain', false, 0n],
    ['squares', true, 3n],
  ]);
});

test('what is not certified, and who may not read, is refused', async () => {
  expect(await canister.as().get_certified('plain', { text: 'ada' })).toEqual({
    Err: { NotCertified: 'plain' },
  });
  ok(await canister.actor.set_closed('balances', true));
  const stranger = canister.as(createIdentity('a stranger'));
  expect(await stranger.get_certified('balances', { text: 'ada' })).toEqual({
    Err: { NotAuthorized: null },
  });
  expect(
    (await canister.actor.get_certified('balances', { text: 'ada' })) as object,
  ).toHaveProperty('Ok');
});
