import { afterEach, expect, test } from '@jest/globals';
import {
  assertMayWaitAsync,
  assertShareable,
  blocking,
  sharedBytes,
  waitAsync,
} from '../../../src/lib/messages/shared-buffer.js';
import { codeOf } from '../../support/memories.js';
import { WRONG_BYTES, type WrongInput } from '../../support/wrong-inputs.js';

const words = new Int32Array(new SharedArrayBuffer(8));
const engine = { SharedArrayBuffer, waitAsync: (Atomics as { waitAsync?: unknown }).waitAsync };

afterEach(() => {
  globalThis.SharedArrayBuffer = engine.SharedArrayBuffer;
  Object.assign(Atomics, { waitAsync: engine.waitAsync });
});

test('an engine without shared memory is told so, with what to use instead', () => {
  expect(() => assertShareable()).not.toThrow();
  Object.assign(globalThis, { SharedArrayBuffer: undefined });
  expect(codeOf(assertShareable)).toBe('UNSUPPORTED_OPERATION');
  expect(assertShareable).toThrow('isolate the page');
});

test('the bytes of shared memory are that memory', () => {
  const buffer = new SharedArrayBuffer(2);
  sharedBytes(buffer)[1] = 7;
  expect([...sharedBytes(buffer)]).toEqual([0, 7]);
});

test.each<WrongInput>([...WRONG_BYTES, ['bytes that nobody shares', new Uint8Array(2)]])(
  'shared memory is not %s',
  (_, value) => {
    expect(() => sharedBytes(value as SharedArrayBuffer)).toThrow(TypeError);
  },
);

test('a thread that must not block is told so, and any other error is its own', () => {
  expect(blocking(() => Atomics.wait(words, 0, 1, 0), '')).toBe('not-equal');
  const refuse = () => {
    throw new TypeError('Atomics.wait cannot be called in this context');
  };
  expect(codeOf(() => blocking(refuse, 'Await.'))).toBe('UNSUPPORTED_OPERATION');
  expect(() => blocking(refuse, 'Await.')).toThrow('must not block. Await.');
  const fail = () => {
    throw new RangeError('another');
  };
  expect(() => blocking(fail, '')).toThrow(RangeError);
});

test('whoever awaits learns whether the word has changed or time is up', async () => {
  expect(await waitAsync(words, 0, 1, 1_000)).toBe(true);
  expect(await waitAsync(words, 0, 0, 1)).toBe(false);
  const waiting = waitAsync(words, 0, 0, 10_000);
  Atomics.notify(words, 0);
  expect(await waiting).toBe(true);
});

test('an engine that cannot wait with a promise is told so', () => {
  expect(() => assertMayWaitAsync('')).not.toThrow();
  Object.assign(Atomics, { waitAsync: undefined });
  expect(codeOf(() => assertMayWaitAsync('Later.'))).toBe('UNSUPPORTED_OPERATION');
});
