import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import {
  FRAME_ADDRESS,
  FRAME_SIZE,
  HEADER_SIZE,
  Operation,
  place,
  RawFrame,
} from '../../support/raw-frame.js';

let host: KernelHost;

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  host = KernelHost.createNow();
});

test('a frame is accepted and told the ABI version, and the system hears nothing', () => {
  expect(RawFrame.register(host).abiVersion).toBe(2);
  expect(host.calls).toEqual([]);
});

test('certified data passes through, with a frame and without one', () => {
  host.kernel.certified_data_set(0, 32);
  RawFrame.register(host);
  host.kernel.certified_data_set(0, 32);
  expect(host.calls).toEqual(['certified_data_set of 32 bytes', 'certified_data_set of 32 bytes']);
});

// A user's mistake must meet the system's own message, not become a frame.
test('too much certified data passes through to be refused by the system', () => {
  host.kernel.certified_data_set(FRAME_ADDRESS, FRAME_SIZE);
  expect(host.calls).toEqual([`certified_data_set of ${FRAME_SIZE} bytes`]);
});

test('a frame without room for its header is none', () => {
  const frame = new RawFrame(host);
  frame.writeMagic();
  host.kernel.certified_data_set(FRAME_ADDRESS, HEADER_SIZE - 1);
  expect(frame.abiVersion).toBe(0);
  expect(host.calls).toEqual([`certified_data_set of ${HEADER_SIZE - 1} bytes`]);
});

test('a second frame is refused, and the first goes on', () => {
  const first = RawFrame.register(host);
  const second = RawFrame.register(host, FRAME_ADDRESS + FRAME_SIZE);
  expect(second.abiVersion).toBe(0);
  expect(host.calls).toEqual([]);
  host.stable.grow(3);
  first.ask(Operation.size);
  expect(host.kernel.in_replicated_execution()).toBe(0);
  expect(first.result).toBe(3);
});

test('the same frame can be registered again', () => {
  RawFrame.register(host);
  expect(RawFrame.register(host).abiVersion).toBe(2);
});

test('a frame that nobody registered is not looked at', () => {
  const frame = new RawFrame(host);
  frame.ask(Operation.size);
  expect(host.kernel.in_replicated_execution()).toBe(1);
  expect(frame.request).not.toBe(0);
});

test('every door passes through while nothing is asked', () => {
  RawFrame.register(host);
  const { kernel } = host;
  kernel.debug_print(...place(host, 0, Buffer.from('hello')));
  kernel.certified_data_set(0, 4);
  expect(kernel.in_replicated_execution()).toBe(1);
  expect(host.calls).toEqual(['debug_print hello', 'certified_data_set of 4 bytes']);
  expect(kernel.msg_arg_data_size()).toBe(6);
  kernel.msg_arg_data_copy(0, 0, 4);
  expect(host.text(0, 4)).toBe('DIDL');
  expect(kernel.msg_method_name_size()).toBe(5);
  kernel.msg_method_name_copy(0, 1, 4);
  expect(host.text(0, 4)).toBe('reet');
});

test('a frame keeps working after the heap has grown', () => {
  const frame = RawFrame.register(host);
  host.heap.grow(10);
  frame.ask(Operation.grow, 2);
  host.kernel.in_replicated_execution();
  expect(frame.result).toBe(0);
  expect(host.stable.size()).toBe(2);
});

test('an operation is done once', () => {
  const frame = RawFrame.register(host);
  frame.ask(Operation.grow, 2);
  expect(host.kernel.in_replicated_execution()).toBe(0);
  expect(frame.request).toBe(0);
  expect(host.kernel.in_replicated_execution()).toBe(1);
  expect(host.stable.size()).toBe(2);
});

test.each([
  ['an operation that does not exist', 127 * 2 ** 46],
  ['a negative request', -1],
  ['a request that is no number', NaN],
  ['a request beyond 64 bits', 2 ** 70],
])('%s traps at every door', (_, request) => {
  const frame = RawFrame.register(host);
  const { kernel } = host;
  for (const door of [
    () => kernel.in_replicated_execution(),
    () => kernel.certified_data_set(0, 8),
    () => kernel.debug_print(0, 8),
  ]) {
    frame.askRaw(request);
    expect(door).toThrow(WebAssembly.RuntimeError);
  }
});

test('an operation at a door that is not its own traps', () => {
  const frame = RawFrame.register(host);
  frame.ask(Operation.size);
  expect(() => host.kernel.certified_data_set(0, 8)).toThrow(WebAssembly.RuntimeError);
  frame.ask(Operation.read);
  expect(() => host.kernel.in_replicated_execution()).toThrow(WebAssembly.RuntimeError);
  frame.ask(Operation.compare);
  expect(() => host.kernel.debug_print(0, 8)).toThrow(WebAssembly.RuntimeError);
});
