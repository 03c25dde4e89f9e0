import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { COMPILE_TIMEOUT_MS, KernelHost, Trap } from '../../support/kernel-host.js';
import { Operation, place, RawFrame } from '../../support/raw-frame.js';

const PAGE = 65_536;
const HERE = 4 * PAGE;
const MESSAGE_ADDRESS = 6 * PAGE;
const MESSAGE = 'use the other map';

/** What Azle's manager and ours both begin with. */
const MAGIC = Buffer.from('MGR');

let host: KernelHost;
let frame: RawFrame;

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  host = KernelHost.createNow(10);
  frame = RawFrame.register(host);
  host.stable.grow(3);
  host.stable.write(0, MAGIC);
});

test("until it is attached, Azle's own writing and growing pass through", () => {
  azleWrites(0);
  expect(stored(0)).toBe(7);
  expect(host.kernel.stable64_grow(2n)).toBe(3n);
  expect(host.kernel.stable64_grow(100n)).toBe(-1n);
});

test.each([0, 1, PAGE - 1])('once attached, a write by Azle at %p traps with the message', (at) => {
  attach();
  const before = stored(at);
  expect(() => azleWrites(at)).toThrow(new Trap(MESSAGE));
  expect(stored(at)).toBe(before);
});

test('once attached, a grow by Azle traps with the message', () => {
  attach();
  expect(() => host.kernel.stable64_grow(1n)).toThrow(new Trap(MESSAGE));
  expect(host.stable.size()).toBe(3);
});

// Azle's file system lives in virtual memory 254 and goes on writing to the pages it has.
test('once attached, Azle still writes behind page 0, and asks for the size by growing by 0', () => {
  attach();
  azleWrites(PAGE);
  expect(stored(PAGE)).toBe(7);
  expect(host.kernel.stable64_grow(0n)).toBe(3n);
  host.kernel.stable64_write(0n, BigInt(HERE), 0n);
});

test('once attached, JavaScript still writes page 0 and grows', () => {
  attach();
  frame.ask(Operation.write, 5);
  host.kernel.certified_data_set(...place(host, HERE, Uint8Array.of(7)));
  expect(stored(5)).toBe(7);
  frame.ask(Operation.grow, 1);
  host.kernel.in_replicated_execution();
  expect(frame.result).toBe(3);
});

describe('before anything else, when Azle takes stable memory', () => {
  const FOREIGN =
    'BAD_MAGIC: stable memory starts with other bytes than "MGR", so it belongs to another ' +
    'program. Nothing was written; install into a new canister.';

  test.each(['MGS', 'mgr', '\0\0\0'])('a write over bytes like %j traps and says so', (bytes) => {
    host.stable.write(0, Buffer.from(bytes));
    expect(() => azleWrites(0)).toThrow(new Trap(FOREIGN));
    expect(() => host.kernel.stable64_grow(1n)).toThrow(new Trap(FOREIGN));
    expect(stored(0)).toBe(bytes.charCodeAt(0));
    expect(host.stable.size()).toBe(3);
  });

  test('an empty memory is taken, whatever Azle writes into it then', () => {
    host = KernelHost.createNow(10);
    expect(host.kernel.stable64_grow(1n)).toBe(0n);
    azleWrites(1);
    azleWrites(0);
    expect(stored(0)).toBe(7);
  });

  test('the look at it leaves the heap as it was', () => {
    const before = Uint8Array.from(host.bytes(0, PAGE));
    azleWrites(3);
    expect(host.bytes(0, PAGE)).toEqual(before);
  });
});

function attach(): void {
  frame.ask(Operation.attach);
  host.kernel.certified_data_set(...place(host, MESSAGE_ADDRESS, Buffer.from(MESSAGE)));
  expect(frame.request).toBe(0);
}

function azleWrites(offset: number): void {
  const [address, length] = place(host, HERE, Uint8Array.of(7));
  host.kernel.stable64_write(BigInt(offset), BigInt(address), BigInt(length));
}

function stored(offset: number): number {
  const byte = new Uint8Array(1);
  host.stable.read(offset, byte);
  return byte[0]!;
}
