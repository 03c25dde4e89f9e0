import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { StorageError } from '../../../src/lib/errors.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import {
  FRAME_ADDRESS,
  HEADER_SIZE,
  Operation,
  place,
  RawFrame,
  TEXT_SIZE,
} from '../../support/raw-frame.js';

const PAGE = 65_536;
const HERE = 4 * PAGE;
const THERE = 5 * PAGE;

let host: KernelHost;
let frame: RawFrame;

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  host = KernelHost.createNow(10);
  frame = RawFrame.register(host);
});

test('size and grow count in pages, and a refused grow answers -1', () => {
  expect(trigger(Operation.size)).toBe(0);
  expect(trigger(Operation.grow, 3)).toBe(0);
  expect(trigger(Operation.grow, 2)).toBe(3);
  expect(trigger(Operation.grow, 100)).toBe(-1);
  expect(trigger(Operation.grow, 2 ** 46 - 1)).toBe(-1);
  expect(trigger(Operation.size)).toBe(5);
});

test('write copies bytes to stable memory and read fills them from there', () => {
  host.stable.grow(2);
  onBytes(Operation.write, place(host, HERE, Uint8Array.of(1, 2, 3)), PAGE - 1);
  const stored = new Uint8Array(5);
  host.stable.read(PAGE - 2, stored);
  expect([...stored]).toEqual([0, 1, 2, 3, 0]);
  onBytes(Operation.read, place(host, THERE, new Uint8Array(4).fill(9)), PAGE);
  expect([...host.bytes(THERE - 1, 6)]).toEqual([0, 2, 3, 0, 0, 0]);
});

test('bytes beyond stable memory trap in the host, and the heap is as it was', () => {
  host.stable.grow(1);
  place(host, HERE, new Uint8Array(8).fill(9));
  frame.ask(Operation.read, PAGE - 7);
  expect(() => host.kernel.certified_data_set(HERE, 8)).toThrow(StorageError);
  frame.ask(Operation.read, 2 ** 46 - 1);
  expect(() => host.kernel.certified_data_set(HERE, 8)).toThrow(StorageError);
  expect([...host.bytes(HERE, 8)]).toEqual(new Array(8).fill(9));
});

test('a text that the text area has room for is the next reply, once', () => {
  const text = 'x'.repeat(TEXT_SIZE - 2) + 'é';
  expect(onText(Operation.encode, text)).toBe(TEXT_SIZE);
  host.bytes(HERE, TEXT_SIZE).fill(0); // The runtime frees the text.
  expect(host.kernel.msg_arg_data_size()).toBe(TEXT_SIZE);
  host.kernel.msg_arg_data_copy(THERE, 0, TEXT_SIZE);
  expect(host.text(THERE, TEXT_SIZE)).toBe(text);
  expect(host.kernel.msg_arg_data_size()).toBe(6);
});

test('a text that the text area has no room for is measured, and nothing is written', () => {
  const behind = FRAME_ADDRESS + HEADER_SIZE + TEXT_SIZE;
  const before = host.bytes(FRAME_ADDRESS + HEADER_SIZE, TEXT_SIZE + 64).slice();
  expect(onText(Operation.encode, 'x'.repeat(TEXT_SIZE + 1))).toBe(TEXT_SIZE + 1);
  expect(host.bytes(FRAME_ADDRESS + HEADER_SIZE, TEXT_SIZE + 64)).toEqual(before);
  expect(host.bytes(behind, 64).every((byte) => byte === 0)).toBe(true);
  expect(host.kernel.msg_arg_data_size()).toBe(6);
});

test('a text is encoded into a target of its length, in two steps', () => {
  onBytes(Operation.encodeInto, [THERE, 4]);
  expect(frame.request).not.toBe(0);
  expect(onPendingText('süß')).toBe(5);
  expect([...host.bytes(THERE, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
  onBytes(Operation.encodeInto, [THERE, 5]);
  expect(onPendingText('süß')).toBe(5);
  expect(host.text(THERE, 5)).toBe('süß');
  expect(host.bytes(THERE, 6)[5]).toBe(0);
});

test('decode makes valid bytes the next reply, and leaves invalid ones', () => {
  expect(onBytes(Operation.decode, place(host, HERE, Buffer.from('naïve')))).toBe(6);
  expect(host.kernel.msg_method_name_size()).toBe(6);
  host.kernel.msg_method_name_copy(THERE, 0, 6);
  expect(host.text(THERE, 6)).toBe('naïve');
  expect(onBytes(Operation.decode, place(host, HERE, Uint8Array.of(65, 66, 0xff)))).toBe(2);
  expect(host.kernel.msg_method_name_size()).toBe(5);
});

test('a reply gives no more bytes than it has', () => {
  onBytes(Operation.decode, place(host, HERE, Buffer.from('abc')));
  expect(() => host.kernel.msg_method_name_copy(THERE, 0, 4)).toThrow(WebAssembly.RuntimeError);
  expect(() => host.kernel.msg_method_name_copy(THERE, 2, 2)).toThrow(WebAssembly.RuntimeError);
});

test('compare takes the left side first, then the right', () => {
  onBytes(Operation.compare, place(host, HERE, Uint8Array.of(1, 2)));
  expect(frame.request).not.toBe(0);
  host.kernel.certified_data_set(...place(host, THERE, Uint8Array.of(1, 3)));
  expect(frame.result).toBe(-1);
  expect(frame.request).toBe(0);
});

test('an operation in two steps can be given up after the first', () => {
  onBytes(Operation.compare, place(host, HERE, Uint8Array.of(1)));
  frame.askRaw(0);
  expect(host.kernel.in_replicated_execution()).toBe(1);
  onBytes(Operation.compare, place(host, THERE, Uint8Array.of(9)));
  host.kernel.certified_data_set(HERE, 1);
  expect(frame.result).toBe(1);
});

function trigger(operation: number, argument = 0): number {
  frame.ask(operation, argument);
  expect(host.kernel.in_replicated_execution()).toBe(0);
  return frame.result;
}

function onBytes(operation: number, [address, length]: [number, number], argument = 0): number {
  frame.ask(operation, argument);
  host.kernel.certified_data_set(address, length);
  return frame.result;
}

function onText(operation: number, text: string): number {
  frame.ask(operation);
  return onPendingText(text);
}

function onPendingText(text: string): number {
  host.kernel.debug_print(...place(host, HERE, Buffer.from(text)));
  return frame.result;
}
