/**
 * The decorators of `stable-structures/azle` in a canister, beside Azle's own on the same methods:
 * no caller can tell which is which.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import type { PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect, controller, fixtureWasm, type CanisterId } from './support/data-canister.js';

const Point = IDL.Record({ x: IDL.Int, y: IDL.Opt(IDL.Int), names: IDL.Vec(IDL.Text) });
const SOMEBODY = Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai');

let pic: PocketIc;
let canisterId: CanisterId;
let wasm: Uint8Array;

beforeAll(async () => {
  pic = await connect();
  wasm = await fixtureWasm('methods');
  const arg = encode([IDL.Text], 'one');
  const sender = controller.getPrincipal();
  const fixture = await pic.setupCanister({ idlFactory: noMethods, wasm, arg, sender });
  canisterId = fixture.canisterId;
});

afterAll(() => pic.tearDown());

/** Every call here is raw, for what counts are the bytes. */
const noMethods: Parameters<PocketIc['createActor']>[0] = ({ IDL: idl }) => idl.Service({});

function encode(types: IDL.Type[], ...values: unknown[]): Uint8Array {
  return IDL.encode(types, values as never);
}

type Kind = 'queryCall' | 'updateCall';

/** The bytes of the reply. */
function ask(kind: Kind, method: string, arg: Uint8Array): Promise<Uint8Array> {
  return pic[kind]({ canisterId, method, arg });
}

/** What both say to the same: a reply, or the text of the reject, without names and places. */
async function bothSay(kind: Kind, method: string, arg: Uint8Array): Promise<[unknown, unknown]> {
  const say = (prefix: string): Promise<unknown> =>
    ask(kind, `${prefix}_${method}`, arg).catch(({ message }: Error) =>
      message.replaceAll(prefix, 'x').replace(/(\n +at .*)+/, ''),
    );
  return [await say('ours'), await say('azles')];
}

describe('the same reply as Azle', () => {
  test.each<[string, Kind, string, Uint8Array, IDL.Type[], unknown[]]>([
    ['no arguments, no result', 'queryCall', 'nothing', encode([]), [], []],
    [
      'several arguments, one of them a principal',
      'queryCall',
      'join',
      encode([IDL.Text, IDL.Nat8, IDL.Principal], 'ab', 2, SOMEBODY),
      [IDL.Text],
      [`abab ${SOMEBODY.toText()} true`],
    ],
    [
      'a record',
      'queryCall',
      'mirror',
      encode([Point], { x: 1n, y: [-(2n ** 70n)], names: ['ä', '', '日本'] }),
      [Point],
      [{ x: -1n, y: [2n ** 70n], names: ['日本', '', 'ä'] }],
    ],
    [
      'a record with other fields, and an argument too many',
      'queryCall',
      'mirror',
      encode(
        [IDL.Record({ x: IDL.Int, names: IDL.Vec(IDL.Text), z: IDL.Null }), IDL.Bool],
        { x: 5n, names: [], z: null },
        true,
      ),
      [Point],
      [{ x: -5n, y: [], names: [] }],
    ],
    ['an update', 'updateCall', 'count', encode([]), [IDL.Vec(IDL.Nat64)], [[1n, 1n]]],
    [
      'a method that awaits a call',
      'updateCall',
      'ask',
      encode([IDL.Text], 'so many'),
      [IDL.Text],
      ['so many: 2,2'],
    ],
    [
      'a promise that nobody awaits',
      'updateCall',
      'floating',
      encode([]),
      [IDL.Vec(IDL.Nat64)],
      [[7n]],
    ],
    ['a manual method', 'queryCall', 'manual', encode([IDL.Text], 'x'), [IDL.Text], ['x']],
    ['a hidden method', 'queryCall', 'hidden', encode([IDL.Text], 'x'), [IDL.Text], ['x']],
  ])('%s', async (_, kind, method, argument, types, values) => {
    const [ours, azles] = await bothSay(kind, method, argument);
    expect(ours).toEqual(azles);
    expect(IDL.decode(types, ours as Uint8Array).map(plain)).toEqual(values.map(plain));
  });

  test('a composite query', async () => {
    const argument = encode([IDL.Text], 'ab');
    const [ours, azles] = await bothSay('queryCall', 'ask_in_query', argument);
    expect(ours).toEqual(azles);
    const [text] = IDL.decode([IDL.Text], ours as Uint8Array);
    expect(text).toBe(`abab ${canisterId.toText()} true`);
  });
});

describe('the same reject as Azle', () => {
  test.each<[string, Kind, string, Uint8Array, string]>([
    ['what is thrown', 'updateCall', 'throw', encode([IDL.Text], 'no'), 'Uncaught RangeError: no'],
    [
      'what is thrown behind an await',
      'updateCall',
      'throw_later',
      encode([IDL.Text], 'no'),
      'Uncaught RangeError: no',
    ],
    ['what is no Error', 'updateCall', 'throw_text', encode([IDL.Text], 'no'), 'Uncaught: no'],
    ['a call that is rejected', 'updateCall', 'ask_nobody', encode([]), 'call rejected: 5'],
  ])('%s', async (_, kind, method, argument, text) => {
    const [ours, azles] = await bothSay(kind, method, argument);
    expect(ours).toBe(azles);
    expect(ours).toContain(text);
  });

  test('and nothing that the method has written stays', async () => {
    await bothSay('updateCall', 'throw', encode([IDL.Text], 'not to be kept'));
    expect(await keys()).not.toContain('not to be kept');
  });

  test.each([
    ['bytes that are no Candid', Uint8Array.of(1, 2, 3)],
    ['another type', encode([IDL.Nat8], 7)],
    ['too few arguments', encode([IDL.Text], 'ab')],
    ['an argument that is cut off', encode([IDL.Text], 'a long text').slice(0, -3)],
  ])('says that it is the argument: %s', async (_, argument) => {
    for (const said of await bothSay('queryCall', 'join', argument)) {
      expect(said).toContain('Uncaught Error: Failed to decode Candid bytes: ');
    }
  });

  test('says that it is the result', async () => {
    for (const said of await bothSay('queryCall', 'wrong_result', encode([]))) {
      expect(said).toContain('Uncaught Error: Failed to encode Candid arguments: ');
    }
  });
});

test('the interface says the same of both, and nothing of what is hidden', async () => {
  const did = Buffer.from(wasm).toString('latin1');
  const lines = (prefix: string): string[] =>
    Array.from(did.matchAll(new RegExp(`^ +${prefix}_(\\w+: \\(.*;)$`, 'gm')), ([, line]) => line!);
  expect(lines('ours')).toHaveLength(13);
  expect(lines('ours')).toEqual(lines('azles'));
  expect(lines('ours').join()).not.toContain('hidden');
});

test('inspectMessage is asked with the arguments of what is called', async () => {
  const refused = ask('updateCall', 'inspected', encode([IDL.Text], 'turn me away'));
  await expect(refused).rejects.toThrow();
  expect(await keys()).toContain('init one');
});

test('init and postUpgrade get their arguments', async () => {
  const arg = encode([IDL.Text], 'two');
  await pic.upgradeCanister({ canisterId, wasm, arg, sender: controller.getPrincipal() });
  expect(await keys()).toEqual(expect.arrayContaining(['init one', 'upgrade two']));
});

async function keys(): Promise<string[]> {
  const reply = await ask('updateCall', 'inspected', encode([IDL.Text], 'let me in'));
  return IDL.decode([IDL.Vec(IDL.Text)], reply)[0] as unknown as string[];
}

/** With lists as arrays and bigints as texts, so that values compare. */
function plain(value: unknown): unknown {
  const listed = ArrayBuffer.isView(value) ? Array.from(value as BigUint64Array) : value;
  return JSON.parse(
    JSON.stringify(listed, (_, each) => (typeof each === 'bigint' ? `${each}` : each)),
  );
}
