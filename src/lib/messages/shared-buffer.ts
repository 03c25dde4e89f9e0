/**
 * What engines give to threads, and where they do not: memory that is shared, and two ways to wait
 * for a change of it.
 *
 * Source: ECMAScript's `SharedArrayBuffer` and `Atomics`; HTML lets no window wait.
 */
import { StorageError } from '../errors.js';
import { kind } from '../guards.js';

/** The part of `Atomics.waitAsync` that is needed; ECMAScript 2024, not in our library's types. */
type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
  milliseconds: number,
) => { value: string | PromiseLike<string> };

/** Throws `UNSUPPORTED_OPERATION` where the engine has no memory that threads share. */
export function assertShareable(): void {
  if (typeof SharedArrayBuffer !== 'undefined') return;
  throw new StorageError(
    'UNSUPPORTED_OPERATION',
    'this engine has no memory that threads share. Use what lies in a Memory instead; in a ' +
      'browser, isolate the page from other origins first.',
  );
}

/** The bytes of memory that threads share. Throws `TypeError` for any other. */
export function sharedBytes(buffer: SharedArrayBuffer): Uint8Array {
  // A buffer from another thread may be of another realm, and no instance of our class.
  if (Object.prototype.toString.call(buffer) !== '[object SharedArrayBuffer]') {
    throw new TypeError(`buffer: expected a SharedArrayBuffer, got ${kind(buffer)}`);
  }
  return new Uint8Array(buffer);
}

/** Throws `TypeError` and `RangeError` for what is no time to wait, in milliseconds. */
export function assertTimeout(timeout: number): void {
  if (typeof timeout !== 'number') {
    throw new TypeError(`timeout: expected a number, got ${kind(timeout)}`);
  }
  if (timeout >= 0) return;
  throw new RangeError(`timeout: expected milliseconds from 0 on, got ${timeout}`);
}

/**
 * What `wait` returns, which calls `Atomics.wait`. Throws `UNSUPPORTED_OPERATION` on a thread that
 * must not block, as a browser's main thread. `instead` says what to do there.
 */
export function blocking<R>(wait: () => R, instead: string): R {
  try {
    return wait();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw cannotWait(`this thread must not block. ${instead}`, cause);
  }
}

/** Throws `UNSUPPORTED_OPERATION` where the engine cannot wait with a promise. */
export function assertMayWaitAsync(instead: string): void {
  if (waitAsyncOf() !== undefined) return;
  throw cannotWait(`the engine lacks Atomics.waitAsync. ${instead}`);
}

/**
 * Waits until the word is another or time is up; says whether it was the first. PRECONDITION: the
 * engine has `Atomics.waitAsync`.
 */
export async function waitAsync(
  words: Int32Array,
  index: number,
  value: number,
  milliseconds: number,
): Promise<boolean> {
  return (await waitAsyncOf()!(words, index, value, milliseconds).value) !== 'timed-out';
}

function waitAsyncOf(): WaitAsync | undefined {
  return (Atomics as { waitAsync?: WaitAsync }).waitAsync;
}

function cannotWait(why: string, cause?: unknown): StorageError {
  return new StorageError('UNSUPPORTED_OPERATION', `cannot wait: ${why}`, {}, { cause });
}
