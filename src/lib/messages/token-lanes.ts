/**
 * Two queues of tokens that are taken out of as one: what cannot wait goes before all that can.
 *
 *     const lanes = new TokenLanes(urgent, others);
 *     send(lanes.laneOf(message.header.qos), messages, message);
 *     receive(lanes, messages, ({ payload }) => handle(payload));
 *
 * Each lane has limits of its own, so that a flood of what can wait takes no room from what cannot;
 * and within a lane, first in is first out. As long as urgent messages come, the others wait: limit
 * the urgent ones, or give the others a deadline.
 *
 * The lanes are queues of the caller's, in memories of their own; nothing else is stored.
 *
 * Source: `specs/limen.md` section 6; crate `limen-core`, the edge of two lanes by priority.
 */
import type { QualityOfService } from './message-header.js';
import type { HeaderStore } from './message-manager.js';
import type { MessageToken } from './message-token.js';
import { peekItem, type PushAnswer, type TokenSource } from './token-delivery.js';
import type { PoppedToken, TokenQueue } from './token-queue.js';
import type { QueuedToken } from './token-queue/cell.js';

/**
 * Two queues as one, for `receive`; a sender takes {@link laneOf}.
 *
 * @example
 * const lanes = new TokenLanes(
 *   TokenQueue.init(memory.get(0), { maxCount: 100 }),
 *   TokenQueue.init(memory.get(1), { maxCount: 1_000 }),
 * );
 */
export class TokenLanes implements TokenSource {
  constructor(
    /** What is latency critical. */
    readonly urgent: TokenQueue,
    /** All the rest. */
    readonly others: TokenQueue,
  ) {}

  /** Number of tokens in both. O(1). */
  get length(): number {
    return this.urgent.length + this.others.length;
  }

  /** Whether there is no token. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** The queue for messages of this quality of service. O(1). */
  laneOf(qos: QualityOfService): TokenQueue {
    return qos === 'latency-critical' ? this.urgent : this.others;
  }

  /** As {@link TokenQueue.push}, into the lane that the message's header asks for. */
  push(token: MessageToken, headers: HeaderStore, now?: bigint): PushAnswer {
    return this.laneOf(peekItem(headers, token).qos).push(token, headers, now);
  }

  /** The oldest urgent token, or else the oldest of the others, or `undefined`. O(1). */
  peek(): QueuedToken | undefined {
    return this.urgent.peek() ?? this.others.peek();
  }

  /** Takes out what {@link peek} shows; as {@link TokenQueue.pop}. O(1). */
  pop(now?: bigint): PoppedToken | undefined {
    return this.urgent.pop(now) ?? this.others.pop(now);
  }

  /** Takes out a token if it is the oldest of its lane, and says whether it was. O(1). */
  remove(queued: QueuedToken): boolean {
    return this.laneOf(queued.qos).remove(queued);
  }
}
