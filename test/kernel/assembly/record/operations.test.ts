/** What a client would never ask of the kernel's records. The rest is in `kernel-record.test.ts`. */
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../../support/kernel-host.js';
import { FRAME_ADDRESS, Operation, place, RawFrame } from '../../../support/raw-frame.js';

const STAGING = FRAME_ADDRESS + 4160;
const STAGING_SIZE = 256;
const HERE = 4 * 65_536;
const PLAN_UNIT = 2 ** 36;
const START_UNIT = 2 ** 18;

let host: KernelHost;
let frame: RawFrame;

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  host = KernelHost.createNow();
  frame = new RawFrame(host);
  frame.writeMagic();
  host.kernel.certified_data_set(FRAME_ADDRESS, STAGING - FRAME_ADDRESS + STAGING_SIZE);
});

test('a plan that nobody has made traps', () => {
  plan('01210100');
  host.bytes(STAGING, 4).set([1, 1, 0x21, 7]);
  expect(ask(Operation.readRecord, 4)).toBe(1);
  expect(() => ask(Operation.readRecord, PLAN_UNIT + 4)).toThrow(WebAssembly.RuntimeError);
  expect(() => ask(Operation.writeRecord, PLAN_UNIT)).toThrow(WebAssembly.RuntimeError);
});

test('a record beyond the staging area traps', () => {
  plan('01210100');
  const argument = (STAGING_SIZE - 1) * START_UNIT + 2;
  expect(() => ask(Operation.readRecord, argument)).toThrow(WebAssembly.RuntimeError);
});

test('a plan with more slots than the frame has traps', () => {
  plan('01210101'.repeat(300)); // Optional fields, all missing: two slots each.
  expect(() => ask(Operation.writeRecord, 0)).toThrow(WebAssembly.RuntimeError);
});

function ask(operation: number, argument: number): number {
  frame.ask(operation, argument);
  host.kernel.in_replicated_execution();
  return frame.result;
}

function plan(hex: string): number {
  frame.ask(Operation.planRecords);
  host.kernel.certified_data_set(...place(host, HERE, Buffer.from(hex, 'hex')));
  return frame.result;
}
