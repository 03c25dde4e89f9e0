import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connect, Kernel, kernel, KERNEL_STATE, NOT_UNICODE } from '../../src/lib/kernel-client.js';
import { anyBytes, anyText } from '../support/arbitraries.js';
import { FakeAzle } from '../support/fake-azle.js';
import { COMPILE_TIMEOUT_MS, KernelHost, Trap } from '../support/kernel-host.js';
import { codeOf } from '../support/memories.js';
import { checkProperty } from '../support/property.js';
import * as fc from 'fast-check';

const LINKED = 'stable-structures kernel: present';

let azle: FakeAzle;
let client: Kernel;

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  azle = new FakeAzle();
  client = new Kernel(azle);
});

test('there is no kernel in Node', () => {
  expect(kernel()).toBeUndefined();
});

test("there is no kernel in Azle's run at build time", () => {
  expect(connect({ _azleIc: azle, _azleNodejsWasmEnvironment: true }, LINKED)).toBeUndefined();
});

test('an unlinked canister is refused with the command that links it', () => {
  const use = () => connect({ _azleIc: azle }, KERNEL_STATE);
  expect(codeOf(use)).toBe('UNLINKED_CANISTER');
  expect(use).toThrow('npx stable-structures build <canister>');
  expect(azle.host.calls).toEqual([]);
});

test("Azle's experimental mode is refused, instead of losing data on the heap", () => {
  expect(codeOf(() => connect({ _azleIcExperimental: {} }, LINKED))).toBe('UNLINKED_CANISTER');
});

test('a linked canister has a kernel', () => {
  const other = new FakeAzle();
  expect(connect({ _azleIc: other }, LINKED)).toBeInstanceOf(Kernel);
});

test('a second copy of the library in the canister is refused', () => {
  expect(codeOf(() => new Kernel(azle))).toBe('MEMORY_IN_USE');
});

test('a kernel of another ABI version is refused', () => {
  const newer = Object.assign(new FakeAzle(), {
    certifiedDataSet: (frame: Uint8Array) => new DataView(frame.buffer).setUint32(4, 3, true),
  });
  expect(codeOf(() => new Kernel(newer))).toBe('UNLINKED_CANISTER');
});

test('size, grow, read and write reach stable memory', () => {
  expect(client.grow(2)).toBe(0);
  expect(client.size()).toBe(2);
  client.write(65_530, Uint8Array.of(1, 2, 3));
  const target = new Uint8Array(4);
  client.read(65_529, target);
  expect([...target]).toEqual([0, 1, 2, 3]);
  expect(client.grow(1000)).toBe(-1);
  expect(client.grow(Number.MAX_SAFE_INTEGER)).toBe(-1);
  expect(client.size()).toBe(2);
});

test('a window of a larger array is read and written by itself', () => {
  client.grow(1);
  const array = Uint8Array.of(1, 2, 3, 4, 5);
  client.write(0, array.subarray(1, 3));
  client.read(0, array.subarray(3, 5));
  expect([...array]).toEqual([1, 2, 3, 2, 3]);
});

test('the real answer of inReplicatedExecution still comes through', () => {
  client.size();
  expect(azle.inReplicatedExecution()).toBe(true);
});

test('a text that is encoded and decoded is the same text', () => {
  checkProperty(
    fc.property(anyText(40), (text) => {
      const bytes = client.encode(text);
      expect(Buffer.compare(bytes, Buffer.from(text))).toBe(0);
      expect(client.decode(bytes)).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test.each([
  ['the longest that is sure to fit the text area', 'x'.repeat(1365)],
  ['one that is longer in UTF-16, but fits', 'x'.repeat(4096)],
  ['one that just does not fit', 'x'.repeat(4097)],
  ['a long one of three bytes a character', '語'.repeat(2000)],
  ['a long one of four', '😀'.repeat(3000)],
])('encodes a text of any length: %s', (_, text) => {
  expect(Buffer.compare(client.encode(text), Buffer.from(text))).toBe(0);
  expect(client.decode(client.encode(text)) === text).toBe(true);
  expect(azle.host.calls).toEqual([]);
});

test.each(['a\ud800b', '\udc00', '\ud800\ud800\udc00', 'x'.repeat(5000) + '\udbff'])(
  'unpaired surrogates become U+FFFD, as in TextEncoder',
  (text) => {
    expect(Buffer.compare(client.encode(text), new TextEncoder().encode(text))).toBe(0);
  },
);

test('what was encoded is not changed by what comes after', () => {
  const first = client.encode('first');
  client.encode('second');
  expect(client.decode(first)).toBe('first');
});

test('a text goes into the staging area where it is told, if it has room', () => {
  const { length } = client.staging;
  expect(client.stageText('é', 0)).toBe(2);
  expect(client.stageText('Ada', 2)).toBe(5);
  expect(client.decode(client.staging.slice(0, 5))).toBe('éAda');
  expect(client.stageText('語', length - 3)).toBe(length);
  expect(client.stageText('xy', length - 1)).toBe(-1);
  expect(client.stageText('x', length)).toBe(-1);
  expect(client.stageText('', length)).toBe(length);
  expect(client.stageText('', length + 1)).toBe(-1);
  expect(client.stageText('\ud83d', 0)).toBe(NOT_UNICODE);
  expect([...client.staging.slice(-3)]).toEqual([...Buffer.from('語')]);
  azle.debugPrint('hello');
  expect(azle.host.calls.splice(0)).toEqual(['debug_print hello']);
  expect(azle.host.calls).toEqual([]);
});

test('a text is read where it lies, in the staging area and elsewhere', () => {
  checkProperty(
    fc.property(anyText(40), fc.nat({ max: 9 }), (text, start) => {
      const end = client.stageText(text, start);
      const copy = client.staging.slice(0, end + 9);
      expect(client.decodeRange(client.staging, start, end)).toBe(text);
      expect(client.decodeRange(copy, start, end)).toBe(text);
    }),
    { numRuns: 100 },
  );
  expect(azle.host.calls).toEqual([]);
});

test('a range that is not valid UTF-8 has no text, and nothing waits after it', () => {
  const damaged = Uint8Array.of(0x41, 0xff, 0x42);
  client.staging.set(damaged, 7);
  for (const [bytes, start] of [[client.staging, 7] as const, [damaged, 0] as const]) {
    expect(client.decodeRange(bytes, start, start + 3)).toBeUndefined();
    expect(client.decodeRange(bytes, start, start + 1)).toBe('A');
    expect(client.decodeRange(bytes, start + 2, start + 3)).toBe('B');
  }
  expect(azle.msgMethodName()).toBe('greet');
});

test('a range beyond what an argument can say is read all the same', () => {
  const bytes = new Uint8Array(2 ** 23 + 1).fill(0x41);
  bytes[2 ** 23] = 0x42;
  expect(client.decodeRange(bytes, 2 ** 23 - 1, 2 ** 23 + 1)).toBe('AB');
});

test('a byte order mark is kept, and a zero is a character', () => {
  expect(client.decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41, 0))).toBe('\ufeffA\0');
});

test('bytes that are not valid UTF-8 have no text', () => {
  expect(client.decode(Uint8Array.of(0x41, 0xff))).toBeUndefined();
  expect(client.decode(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined();
  expect(client.decode(Uint8Array.of(0x41))).toBe('A');
});

test('compares as Buffer.compare does', () => {
  checkProperty(
    fc.property(anyBytes(20), anyBytes(20), (left, right) => {
      expect(client.compare(left, right)).toBe(Buffer.compare(left, right));
    }),
  );
});

// A request left behind would be taken for the next print of the user.
test.each([
  ['read', () => client.read(0, 'text' as never)],
  ['write', () => client.write(0, 'text' as never)],
  ['decode', () => client.decode('text' as never)],
  ['decodeRange', () => client.decodeRange('text' as never, 0, 1)],
  ['compare', () => client.compare(new Uint8Array(1), 'text' as never)],
])('%s of what are no bytes throws and leaves no request behind', (_, use) => {
  expect(use).toThrow(TypeError);
  azle.debugPrint('hello');
  expect(azle.inReplicatedExecution()).toBe(true);
  expect(azle.host.calls).toEqual(['debug_print hello']);
});

test("the guard traps Azle's own writing to page 0 with a message that names the remedy", () => {
  client.grow(2);
  client.guardPageZero();
  client.guardPageZero();
  client.encode('something else in the text area');
  const { kernel: exports } = azle.host;
  expect(() => exports.stable64_write(0n, 0n, 1n)).toThrow(Trap);
  expect(() => exports.stable64_write(0n, 0n, 1n)).toThrow(/Use BTreeMap of "stable-structures"/);
  expect(() => exports.stable64_grow(1n)).toThrow(Trap);
  client.write(0, Uint8Array.of(1));
  expect(client.grow(1)).toBe(2);
});
