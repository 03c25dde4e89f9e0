import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { beforeAll, expect, test } from '@jest/globals';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { KernelCandid } from '../../support/kernel-candid.js';
import { COMPILE_TIMEOUT_MS } from '../../support/kernel-host.js';

let candid: KernelCandid;

beforeAll(async () => {
  candid = await KernelCandid.create();
}, COMPILE_TIMEOUT_MS);

test('texts of every plane are cut where they end', () => {
  const texts = ['', 'ascii, longer than a word', 'é', '漢字', '🙂🙂', '\0', '\ufeff'];
  const codec = candid.codecFor(IDL.Vec(IDL.Text));
  expect(codec.decode(codec.encode([texts])!)).toEqual([texts]);
});

test('bytes are copied out of the message', () => {
  const codec = candid.codecFor(IDL.Vec(IDL.Nat8));
  const message = codec.encode([Uint8Array.of(1, 2, 3)])!;
  const [bytes] = codec.decode(message)!;
  message.fill(0);
  expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
});

test('bytes are taken from the message that they are in, and not from the one before', () => {
  const codec = candid.codecFor(IDL.Vec(IDL.Nat8));
  for (const value of [Uint8Array.of(1), Uint8Array.of(2)]) {
    expect(codec.decode(codec.encode([value])!)).toEqual([value]);
  }
});

test('principals are of the class that the IDL makes', () => {
  const codec = candid.codecFor(IDL.Principal);
  const [principal] = codec.decode(codec.encode([Principal.anonymous()])!)!;
  expect(principal).toBeInstanceOf(Principal);
});

test('values that lie very deep are left to TypeScript', () => {
  const list = IDL.Rec();
  list.fill(IDL.Opt(list));
  const nested = (depth: number): unknown[] => (depth === 0 ? [] : [nested(depth - 1)]);
  const encode = (depth: number) => compileArguments([list]).encode([nested(depth)]);
  expect(candid.codecFor(list).decode(encode(30))).toEqual([nested(30)]);
  expect(candid.codecFor(list).decode(encode(200))).toBeUndefined();
});
