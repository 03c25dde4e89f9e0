/**
 * Everything that a caller can get wrong: each shows a refusal with the facts behind it, and
 * leaves the canister as it was.
 */
import { createIdentity, type PocketIc } from '@dfinity/pic';
import { IDL } from '@dfinity/candid';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signatures } from '../../src/canister/candid.js';
import type { Key } from '../../src/canister/keys.js';
import type { Answer, Refusal } from '../../src/canister/refusal.js';
import type { MapPair } from '../../src/canister/scan.js';
import {
  connect,
  controller,
  createMapRequest,
  DataCanister,
  ok,
  scan,
  value,
  type DataActor,
} from './support/data-canister.js';

const ARGUMENT_SIZE_MAX = 2 * 2 ** 20;
/** Room for what surrounds an argument in a message. */
const ENVELOPE_SIZE_MAX = 4_096;

const ONE: Key = { nat64: 1n };
const wrongType = { expected: { nat64: null }, found: { text: null } };
const good: MapPair = { key: { nat64: 50n }, value: value(50) };

type Call = (actor: DataActor) => Promise<Answer<unknown>>;

/** Map `ids` has keys of type nat64; `small` has texts of at most 8 bytes, values of at most 16. */
const REFUSED: [name: string, call: Call, refusal: Refusal][] = [
  ['insert into no map', (to) => to.insert('nowhere', ONE, value(1)), { UnknownMap: 'nowhere' }],
  ['insert_many into no map', (to) => to.insert_many('no', [good]), { UnknownMap: 'no' }],
  ['remove from no map', (to) => to.remove('nowhere', ONE), { UnknownMap: 'nowhere' }],
  ['get from no map', (to) => to.get('nowhere', ONE), { UnknownMap: 'nowhere' }],
  ['get_many from no map', (to) => to.get_many('nowhere', []), { UnknownMap: 'nowhere' }],
  ['contains of no map', (to) => to.contains('nowhere', ONE), { UnknownMap: 'nowhere' }],
  ['length of no map', (to) => to.length('nowhere'), { UnknownMap: 'nowhere' }],
  ['scan of no map', (to) => to.scan('nowhere', scan()), { UnknownMap: 'nowhere' }],
  ['set_closed of no map', (to) => to.set_closed('nowhere', true), { UnknownMap: 'nowhere' }],
  [
    'grant on no map',
    (to) => to.grant('nowhere', controller.getPrincipal()),
    { UnknownMap: 'nowhere' },
  ],
  [
    'a map that is there',
    (to) => to.create_map(createMapRequest('ids', 'text')),
    { MapExists: 'ids' },
  ],
  [
    'a map without a name',
    (to) => to.create_map(createMapRequest('', 'text')),
    { InvalidName: 'expected 1 to 64 characters, found 0' },
  ],
  [
    'a map with a name too long',
    (to) => to.create_map(createMapRequest('n'.repeat(65), 'text')),
    { InvalidName: 'expected 1 to 64 characters, found 65' },
  ],
  [
    'a map for keys that are too large',
    (to) => to.create_map(createMapRequest('big', 'text', { maxKeySize: 65_537 })),
    { KeyTooLarge: { max_size: 65_536, size: 65_537 } },
  ],
  [
    'a map for values that no reply holds',
    (to) => to.create_map(createMapRequest('big', 'text', { maxValueSize: 1_572_865 })),
    { ValueTooLarge: { max_size: 1_572_864, size: 1_572_865 } },
  ],
  [
    'insert with a key of the wrong type',
    (to) => to.insert('ids', { text: '1' }, value(1)),
    { WrongKeyType: wrongType },
  ],
  [
    'get with a key of the wrong type',
    (to) => to.get('ids', { text: '1' }),
    { WrongKeyType: wrongType },
  ],
  [
    'get_many with one key of the wrong type',
    (to) => to.get_many('ids', [ONE, { text: '1' }]),
    { WrongKeyType: wrongType },
  ],
  [
    'contains with a key of the wrong type',
    (to) => to.contains('ids', { text: '1' }),
    { WrongKeyType: wrongType },
  ],
  [
    'remove with a key of the wrong type',
    (to) => to.remove('ids', { text: '1' }),
    { WrongKeyType: wrongType },
  ],
  [
    'scan from a key of the wrong type',
    (to) => to.scan('ids', scan({ from: [{ text: '1' }] })),
    { WrongKeyType: wrongType },
  ],
  [
    'a key above its bound',
    (to) => to.insert('small', { text: '123456789' }, value(1, 1)),
    { KeyTooLarge: { max_size: 8, size: 9 } },
  ],
  [
    'a value above its bound',
    (to) => to.insert('small', { text: '1' }, value(1, 17)),
    { ValueTooLarge: { max_size: 16, size: 17 } },
  ],
  [
    'a batch of which one key is of the wrong type',
    (to) => to.insert_many('ids', [good, good, { key: { text: '1' }, value: value(1) }]),
    { InvalidEntry: { index: 2, reason: { WrongKeyType: wrongType } } },
  ],
  [
    'a batch of which one key is too large',
    (to) => to.insert_many('small', [small('a'), small('123456789'), small('b')]),
    { InvalidEntry: { index: 1, reason: { KeyTooLarge: { max_size: 8, size: 9 } } } },
  ],
  [
    'a batch of which one value is too large',
    (to) => to.insert_many('small', [{ key: { text: 'a' }, value: value(1, 17) }, small('b')]),
    { InvalidEntry: { index: 0, reason: { ValueTooLarge: { max_size: 16, size: 17 } } } },
  ],
  [
    'a scan from behind its end',
    (to) => to.scan('ids', scan({ from: [{ nat64: 2n }], to: [{ nat64: 1n }] })),
    { InvalidRange: '`from` lies behind `to`; swap them or use `reverse`' },
  ],
  [
    'a prefix of keys that have none',
    (to) => to.scan('ids', scan({ prefix: [ONE] })),
    { InvalidRange: 'a prefix goes with text keys (a text) and with blob keys (a blob)' },
  ],
];

let pic: PocketIc;
let data: DataCanister;
let image: Uint8Array;

beforeAll(async () => {
  pic = await connect();
  data = await DataCanister.install(pic);
  await data.createMap('ids', 'nat64');
  await data.createMap('small', 'text', { maxKeySize: 8, maxValueSize: 16 });
  const entries = Array.from({ length: 20 }, (_, number) => ({
    key: { nat64: BigInt(number) },
    value: value(number),
  }));
  ok(await data.actor.insert_many('ids', entries));
  ok(await data.actor.insert_many('small', [small('in'), small('12345678')]));
  image = await data.image();
});

afterAll(() => pic.tearDown());

test.each(REFUSED)('%s is refused and changes nothing', async (_, call, refusal) => {
  const before = await data.content();
  expect(await call(data.actor)).toEqual({ Err: refusal });
  expect(await data.content()).toEqual(before);
});

describe('a cursor', () => {
  const request = { from: [{ nat64: 3n }], to: [{ nat64: 15n }], limit: [4] } as const;

  async function cursor(): Promise<Uint8Array> {
    return ok(await data.actor.scan('ids', scan(request as never))).next[0]!;
  }

  test('is refused with any of its bytes changed', async () => {
    const original = await cursor();
    for (let index = 0; index < original.length; index++) {
      const changed = Uint8Array.from(original);
      changed[index]! ^= 1;
      expect(
        await data.actor.scan('ids', scan({ ...request, cursor: [changed] } as never)),
      ).toEqual({ Err: { InvalidCursor: expect.any(String) } });
    }
  });

  test.each([0, 1, 5])('is refused where only %i bytes are left of it', async (length) => {
    const cut = (await cursor()).slice(0, length);
    expect(await data.actor.scan('ids', scan({ ...request, cursor: [cut] } as never))).toEqual({
      Err: { InvalidCursor: expect.any(String) },
    });
  });

  test('is refused by a scan of another map, range or direction', async () => {
    const original: [Uint8Array] = [await cursor()];
    const others: Promise<Answer<unknown>>[] = [
      data.actor.scan('small', scan({ cursor: original })),
      data.actor.scan('ids', scan({ cursor: original })),
      data.actor.scan('ids', scan({ ...request, to: [], cursor: original } as never)),
      data.actor.scan('ids', scan({ ...request, reverse: [true], cursor: original } as never)),
    ];
    for (const answer of await Promise.all(others)) {
      expect(answer).toEqual({ Err: { InvalidCursor: expect.any(String) } });
    }
  });
});

test('a wrong batch inserts none of its entries, also not those in front of the wrong one', async () => {
  const batch = [
    good,
    { key: { nat64: 51n }, value: value(1) },
    { key: { text: '' }, value: value(1) },
  ];
  expect(await data.actor.insert_many('ids', batch)).toHaveProperty('Err.InvalidEntry.index', 2);
  expect(ok(await data.actor.get_many('ids', [good.key, { nat64: 51n }]))).toEqual([[], []]);
});

describe('an argument', () => {
  test('of 2 MiB + 1 is rejected and changes nothing', async () => {
    const before = await data.content();
    const argument = insertManyOfSize(ARGUMENT_SIZE_MAX + 1);
    await expect(insertMany(argument)).rejects.toThrow(/limit|large|exceed/i);
    expect(await data.content()).toEqual(before);
  });

  test('that is no Candid is rejected and changes nothing', async () => {
    const before = await data.content();
    await expect(insertMany(value(1))).rejects.toThrow('Reject code: 5');
    expect(await data.content()).toEqual(before);
  });
});

test('a stranger who upgrades the canister is rejected, and everything stays', async () => {
  const before = await data.content();
  const sender = createIdentity('a stranger').getPrincipal();
  const upgrade = pic.upgradeCanister({ canisterId: data.id, wasm: data.wasm, sender });
  await expect(upgrade).rejects.toThrow(/controller/);
  expect(await data.content()).toEqual(before);
});

test('after all of this, stable memory has the same bytes', async () => {
  expect(Buffer.compare(await data.image(), image)).toBe(0);
});

describe('what is just within the bounds is taken:', () => {
  test('an argument that fills a message', async () => {
    await data.createMap('large', 'nat64');
    const argument = insertManyOfSize(ARGUMENT_SIZE_MAX - ENVELOPE_SIZE_MAX);
    const reply = await insertMany(argument);
    expect(IDL.decode([signatures(IDL).insert_many[1]], reply)).toEqual([{ Ok: 2n }]);
  });

  test('but not more of it at once than fits a reply', async () => {
    const keys = [{ nat64: 0n }, { nat64: 1n }];
    expect(await data.actor.get_many('large', keys)).toEqual({
      Err: { ReplyTooLarge: { max_size: 1_800_000 } },
    });
    expect(ok(await data.actor.get_many('large', keys.slice(1)))[0]![0]).toHaveLength(1_000_000);
  });

  test('a key and a value as long as their bounds', async () => {
    const key = { text: '87654321' };
    expect(ok(await data.actor.insert('small', key, value(1, 16)))).toEqual([]);
    expect(ok(await data.actor.get('small', key))).toEqual([value(1, 16)]);
  });

  test('a name of 64 characters', async () => {
    expect((await data.createMap('n'.repeat(64), 'blob')).name).toHaveLength(64);
  });
});

function small(text: string): MapPair {
  return { key: { text }, value: value(1, 16) };
}

function insertMany(arg: Uint8Array): Promise<Uint8Array> {
  const sender = controller.getPrincipal();
  return pic.updateCall({ canisterId: data.id, method: 'insert_many', sender, arg });
}

/** The argument of an `insert_many` of two entries, of exactly this size. */
function insertManyOfSize(size: number): Uint8Array {
  const encode = (lastSize: number): Uint8Array => {
    const entries = [lastSize, 1_000_000].map((length, number) => ({
      key: { nat64: BigInt(number) },
      value: value(number, length),
    }));
    return IDL.encode(signatures(IDL).insert_many[0], ['large', entries]);
  };
  const guess = 1_000_000;
  const argument = encode(guess + size - encode(guess).length);
  if (argument.length !== size) throw new Error(`the argument has ${argument.length} bytes`);
  return argument;
}
