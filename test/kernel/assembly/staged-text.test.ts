import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { FRAME_ADDRESS, Operation, place, RawFrame } from '../../support/raw-frame.js';

const STAGING = FRAME_ADDRESS + 4160;
const STAGING_SIZE = 256;
const HERE = 4 * 65_536;
const THERE = 5 * 65_536;
const RANGE_LIMIT = 2 ** 23;

let host: KernelHost;
let frame: RawFrame;

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  host = KernelHost.createNow(10);
  frame = new RawFrame(host);
  frame.writeMagic();
  host.kernel.certified_data_set(FRAME_ADDRESS, STAGING - FRAME_ADDRESS + STAGING_SIZE);
});

test('a text is staged at an offset, and not at all where it has no room', () => {
  expect(stage('Ada', 2)).toBe(5);
  expect(stage('é', STAGING_SIZE - 2)).toBe(STAGING_SIZE);
  expect(stage('Ada', STAGING_SIZE - 2)).toBe(-1);
  expect(stage('A', 2 ** 46 - 1)).toBe(-1);
  expect(host.text(STAGING, 6)).toBe('\0\0Ada\0');
  expect(host.text(STAGING + STAGING_SIZE - 2, 3)).toBe('é\0');
  expect(frame.request).toBe(0);
  expect(host.calls).toEqual([]);
});

test('the text of a range is the reply, once', () => {
  stage('Grüße', 10);
  frame.ask(Operation.stagedText, 12 * RANGE_LIMIT + 4);
  expect(reply()).toBe('üß');
  expect(frame.result).toBe(1);
  expect(frame.request).toBe(0);
  expect(reply()).toBe('greet');
});

test('a range that is cut is no text: the reply is empty, and over', () => {
  stage('Grüße', 10);
  frame.ask(Operation.stagedText, 10 * RANGE_LIMIT + 3);
  expect(reply()).toBe('');
  expect(frame.result).toBe(0);
  expect(reply()).toBe('greet');
});

test('the text of a range of other bytes is the next reply', () => {
  const bytes = place(host, HERE, Buffer.from('Grüße'));
  frame.ask(Operation.textIn, 2 * RANGE_LIMIT + 4);
  host.kernel.certified_data_set(...bytes);
  expect(frame.result).toBe(1);
  expect(reply()).toBe('üß');
  frame.ask(Operation.textIn, 3 * RANGE_LIMIT + 4);
  host.kernel.certified_data_set(...bytes);
  expect(frame.result).toBe(0);
  expect(reply()).toBe('');
});

test('a range beyond its bytes traps', () => {
  frame.ask(Operation.stagedText, STAGING_SIZE * RANGE_LIMIT + 1);
  expect(() => host.kernel.msg_method_name_size()).toThrow(WebAssembly.RuntimeError);
  frame.ask(Operation.textIn, 2 * RANGE_LIMIT + 1);
  expect(() => host.kernel.certified_data_set(HERE, 2)).toThrow(WebAssembly.RuntimeError);
});

test('no other request is answered with a text', () => {
  frame.ask(Operation.size);
  expect(() => host.kernel.msg_method_name_size()).toThrow(WebAssembly.RuntimeError);
});

function stage(text: string, offset: number): number {
  frame.ask(Operation.stageText, offset);
  host.kernel.debug_print(...place(host, HERE, Buffer.from(text)));
  return frame.result;
}

/** What the runtime makes a text of: it asks for the length, then for so many bytes. */
function reply(): string {
  const length = host.kernel.msg_method_name_size();
  host.kernel.msg_method_name_copy(THERE, 0, length);
  return host.text(THERE, length);
}
