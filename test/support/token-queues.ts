/**
 * A queue of tokens beside the manager that its messages are in, as tests need them.
 */
import type { AdmissionOptions } from '../../src/lib/messages/admission.js';
import { HeapMessageManager } from '../../src/lib/messages/heap-message-manager.js';
import type { HeaderFields } from '../../src/lib/messages/message-header.js';
import type { MessageToken } from '../../src/lib/messages/message-token.js';
import { Message } from '../../src/lib/messages/message.js';
import { TokenQueue } from '../../src/lib/messages/token-queue.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { CountdownMemory } from './memories.js';

/** A message whose payload has so many bytes. */
export const sized = (size: number, fields: HeaderFields = {}): Message<Uint8Array> =>
  Message.of(new Uint8Array(size), fields);

/** A message that is told from others by its number, which is its trace id. */
export const numbered = (number: number, fields: HeaderFields = {}): Message<Uint8Array> =>
  sized(1, { traceId: BigInt(number), ...fields });

/** An empty queue, the manager of its messages, and the memory under the queue. */
export function queueWith(limits: AdmissionOptions, capacity = 10_000) {
  const memory = new CountdownMemory(new VectorMemory());
  const messages = HeapMessageManager.create<Uint8Array>({ capacity });
  const queue = TokenQueue.create(memory, limits);
  const push = (message: Message<Uint8Array> = sized(1), now?: bigint): MessageToken => {
    const token = messages.store(message);
    queue.push(token, messages, now);
    return token;
  };
  return { memory, messages, queue, push };
}

/** The tokens in a queue, oldest first. */
export const tokensOf = (queue: TokenQueue): MessageToken[] =>
  Array.from(queue, ({ token }) => token);
