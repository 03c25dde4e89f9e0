/**
 * A worker thread at one end of a shared queue of tokens. It does each task that it was started
 * with, and posts what came of it: the numbers of the tokens that it had, or that it evicted.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { blob } from '../../src/lib/codecs/index.js';
import type { AdmissionOptions } from '../../src/lib/messages/admission.js';
import {
  ConcurrentMessageManager,
  type Invitation,
} from '../../src/lib/messages/concurrent-message-manager.js';
import { messageHeader } from '../../src/lib/messages/message-header.js';
import type { HeaderStore } from '../../src/lib/messages/message-manager.js';
import { tokenIndex, tokenOf } from '../../src/lib/messages/message-token.js';
import { Message } from '../../src/lib/messages/message.js';
import { SharedTokenQueue } from '../../src/lib/messages/shared-token-queue.js';
import type { TokenConsumer } from '../../src/lib/messages/shared-token-queue/token-consumer.js';
import type { TokenProducer } from '../../src/lib/messages/shared-token-queue/token-producer.js';
import { receive, send } from '../../src/lib/messages/token-delivery.js';

/** What a thread is to do with a queue. */
export interface Task {
  readonly end: 'producer' | 'consumer';
  readonly buffer: SharedArrayBuffer;
  readonly limits: AdmissionOptions;
  /** How many tokens there are in all; the last one is never evicted. */
  readonly count: number;
  /** Where the messages are; without, tokens stand for none. */
  readonly invitation?: Invitation;
}

const PAYLOAD = Uint8Array.of(1, 2, 3);
const NAP_IN_MS = 0.05;
const bed = new Int32Array(new SharedArrayBuffer(4));

const HEADERS: HeaderStore = {
  peekHeader: (token) => ({
    token,
    header: { ...messageHeader(), payloadSize: tokenIndex(token) % 50 },
    isReleased: false,
    release: () => undefined,
    [Symbol.dispose]: () => undefined,
  }),
};

/** Tries until the queue has room. */
function untilAdmitted<A extends { readonly isAdmitted: boolean }>(attempt: () => A): A {
  for (;;) {
    const answer = attempt();
    if (answer.isAdmitted) return answer;
    Atomics.wait(bed, 0, 0, NAP_IN_MS);
  }
}

function pushAll(producer: TokenProducer, { count }: Task): number[] {
  const evicted: number[] = [];
  for (let number = 0; number < count; number++) {
    const answer = untilAdmitted(() => producer.push(tokenOf(number, 1), HEADERS));
    for (const token of answer.evicted) evicted.push(tokenIndex(token));
  }
  return evicted;
}

function popAll(consumer: TokenConsumer, { count }: Task): number[] {
  const had: number[] = [];
  while (had.at(-1) !== count - 1 && consumer.wait()) {
    const { token, payloadSize } = consumer.pop() ?? {};
    if (token === undefined) continue;
    if (payloadSize !== tokenIndex(token) % 50) throw new Error(`token ${token} is torn`);
    had.push(tokenIndex(token));
  }
  return had;
}

function sendAll(producer: TokenProducer, { count, invitation }: Task): number[] {
  const messages = ConcurrentMessageManager.join(invitation!, { codec: blob(8) });
  const evicted: number[] = [];
  for (let number = 0; number < count; number++) {
    const message = Message.of(PAYLOAD, { sequence: BigInt(number) });
    const answer = untilAdmitted(() => send(producer, messages, message));
    evicted.push(answer.evicted.length);
  }
  messages.leave();
  return evicted;
}

function receiveAll(consumer: TokenConsumer, { count, invitation }: Task): number[] {
  const messages = ConcurrentMessageManager.join(invitation!, { codec: blob(8) });
  const had: number[] = [];
  while (had.at(-1) !== count - 1 && consumer.wait()) {
    const number = () =>
      receive(consumer, messages, ({ header, payload }) => {
        if (payload.join() !== PAYLOAD.join()) throw new Error('another payload');
        return Number(header.sequence);
      });
    const { isReceived, result, missing } = number();
    if (missing.length > 0) throw new Error(`${missing.length} messages are missing`);
    if (isReceived) had.push(result!);
  }
  messages.leave();
  return had;
}

for (const task of workerData as readonly Task[]) {
  const queue = SharedTokenQueue.attach(task.buffer, task.limits);
  const hasMessages = task.invitation !== undefined;
  const numbers =
    task.end === 'producer'
      ? (hasMessages ? sendAll : pushAll)(queue.producer(), task)
      : (hasMessages ? receiveAll : popAll)(queue.consumer(), task);
  parentPort!.postMessage(Uint32Array.from(numbers));
}
