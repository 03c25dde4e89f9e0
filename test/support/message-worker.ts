/**
 * A thread that shares messages with others, and does what its orders say. It answers with what came
 * of them.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { blob } from '../../src/lib/codecs/index.js';
import { StorageError } from '../../src/lib/errors.js';
import {
  ConcurrentMessageManager,
  type Invitation,
} from '../../src/lib/messages/concurrent-message-manager.js';
import type { MessageToken } from '../../src/lib/messages/message-token.js';
import { Message } from '../../src/lib/messages/message.js';
import { crc32 } from '../../src/lib/principal-text.js';

/** What a thread is told when it starts. */
export interface Orders {
  readonly invitation: Invitation;
  readonly task: keyof typeof TASKS;
  /** Tokens on their way from any thread to any other; 0 where there is none. */
  readonly boxes: SharedArrayBuffer;
  /** How many messages it stores. */
  readonly count: number;
}

/** What a thread answers when it is done. */
export interface Report {
  readonly problems: readonly string[];
  /** In milliseconds. */
  readonly time: number;
}

export const PAYLOAD_SIZE_MAX = 64;
const CHECK_SIZE = 4;
const PROBLEMS_MAX = 10;

const { invitation, task, boxes, count } = workerData as Orders;
const port = parentPort!;
const manager = ConcurrentMessageManager.join(invitation, {
  codec: blob(PAYLOAD_SIZE_MAX),
  clock: performance,
});
const tokens = new BigUint64Array(boxes);
const problems: string[] = [];

/** A payload whose length and bytes are of this message alone, behind the checksum of them. */
function payloadOf(number: number): Uint8Array {
  const size = CHECK_SIZE + 8 + (number % (PAYLOAD_SIZE_MAX - CHECK_SIZE - 8));
  const payload = new Uint8Array(size).fill(number * 31 + invitation.seat);
  new DataView(payload.buffer).setUint32(CHECK_SIZE, number);
  new DataView(payload.buffer).setUint32(0, crc32(payload.subarray(CHECK_SIZE)));
  return payload;
}

function isWhole(payload: Uint8Array): boolean {
  const view = new DataView(payload.buffer, payload.byteOffset);
  return view.getUint32(0) === crc32(payload.subarray(CHECK_SIZE));
}

function complain(problem: string): void {
  if (problems.length < PROBLEMS_MAX) problems.push(problem);
}

/** The code of a refusal; fails for any other error. */
function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    if (error instanceof StorageError) return error.code;
    throw error;
  }
}

/** Looks at a message of any thread, and frees it. */
function end(token: bigint): void {
  const known = token as MessageToken;
  manager.withRead(known, ({ header, payload }) => {
    const isRight = isWhole(payload) && header.traceId === BigInt(payload.length);
    if (!isRight) complain(`message ${token} is not whole`);
  });
  manager.free(known);
}

/** Stores messages, gives each to any thread, and ends one of any thread for it. */
function churn(): void {
  let last: bigint | undefined;
  for (let number = 0; number < count; number++) {
    const payload = payloadOf(number);
    const token = manager.store(Message.of(payload, { traceId: BigInt(payload.length) }));
    if (number % 16 === 0) manager.withWrite(token, (guard) => (guard.payload = payload));
    const box = (number * 7 + invitation.seat) % tokens.length;
    const other = Atomics.exchange(tokens, box, token);
    if (other !== 0n) end(other);
    if (number % 64 === 0 && last !== undefined) {
      const code = codeOf(() => manager.read(last as MessageToken));
      if (code !== 'STALE_TOKEN' && code !== 'NOT_ALLOCATED') complain(`read after free: ${code}`);
    }
    if (other !== 0n) last = other;
  }
}

function drain(): void {
  for (let box = 0; box < tokens.length; box++) {
    const token = Atomics.exchange(tokens, box, 0n);
    if (token !== 0n) end(token);
  }
}

/** Opens a message to write it, says so, and is not heard of any more. */
function holdForEver(): void {
  const guard = manager.readMut(tokens[0] as MessageToken);
  guard.payload = payloadOf(2);
  port.postMessage('held');
  setInterval(() => guard.payload, 1_000);
}

const TASKS = {
  churn() {
    churn();
    drain();
  },
  churnForEver() {
    port.postMessage('started');
    for (;;) churn();
  },
  dieWriting() {
    manager.readMut(tokens[0] as MessageToken).payload = payloadOf(2);
    process.exit(0);
  },
  holdForEver,
  /** Blocks this thread until the message can be read. */
  waitToRead() {
    port.postMessage('waiting');
    const guard = manager.read(tokens[0] as MessageToken, { timeout: 30_000 });
    problems.push(`read ${guard.payload.join()}`);
    guard.release();
  },
  /** Writes a message once it is told to. */
  writeWhenTold() {
    const guard = manager.readMut(tokens[0] as MessageToken);
    port.once('message', () => {
      guard.payload = Uint8Array.of(7);
      guard.commit();
    });
    port.postMessage('held');
  },
};

const start = performance.now();
TASKS[task]();
port.postMessage({ problems, time: performance.now() - start } satisfies Report);
