/**
 * From a sender to a receiver: a message into its manager and its token into a queue, and out of
 * both again, so that at no time a message is left without a token, whichever step fails.
 *
 *     LOST BY THE ORIGINAL                              HERE
 *     the callback throws after the pop                 the token is popped after the callback
 *     the read fails after the pop                      likewise
 *     no room for an output in the middle of a batch    one message at a time; the rest stays
 *     a store that is full, though an eviction would    the slot of the evicted message is taken
 *       make room
 *     a refused push after the store                    decided before; a failed push frees again
 *     a bad token ends a batch without a word           a token without a message is reported
 *     a free that fails is ignored                      it is thrown, and the token is still queued
 *
 * So a message is received at least once: where the callback has run and the free then fails, the
 * message is there again.
 *
 * Source: `specs/limen.md` sections 6 and 10, trap 10.
 */
import { hasCode, StorageError, type StorageErrorCode } from '../errors.js';
import type {
  AdmissionDecision,
  AdmissionItem,
  AdmissionPolicy,
  Load,
  Refusal,
} from './admission.js';
import { isExpired } from './admission.js';
import { describeBytes, type Describe } from './buffer-descriptor.js';
import { within } from './guards.js';
import type { HeaderStore, MessageManager, ReadGuard } from './message-manager.js';
import type { MessageToken } from './message-token.js';
import type { Message } from './message.js';
import type { QueuedToken } from './token-queue/cell.js';

/** What became of a token that was pushed. */
export interface PushAnswer {
  readonly isAdmitted: boolean;
  /** The tokens that were taken out to make room, oldest first. */
  readonly evicted: readonly MessageToken[];
  /** Why it was not admitted. */
  readonly refusal?: Refusal;
}

/** What became of a message that was sent. */
export interface SendAnswer extends PushAnswer {
  /** Of the message, where it was admitted; else it was not stored. */
  readonly token?: MessageToken;
}

/** What came of a receive. */
export interface ReceiveAnswer<R> {
  /** Whether there was a message. */
  readonly isReceived: boolean;
  /** What the callback returned. */
  readonly result?: R;
  /** Tokens that came first and whose messages somebody else had freed. They are out of it now. */
  readonly missing: readonly MessageToken[];
}

/** Where tokens are put in. */
export interface TokenSink {
  readonly policy: AdmissionPolicy;
  /** What would become of such a message now. */
  decide(item: AdmissionItem, now?: bigint): AdmissionDecision;
  /** Takes out the oldest until no more than `keep` is left. `free` gets each one. */
  evict(keep: Load, free: (token: MessageToken) => void): MessageToken[];
  /** Puts a token in whatever the limits say. */
  append(queued: QueuedToken): void;
}

/** Where tokens are taken out. */
export interface TokenSource {
  /** The oldest token, which stays. */
  peek(): QueuedToken | undefined;
  /** Takes out the oldest token if it is this one. */
  remove(queued: QueuedToken): boolean;
}

/** What `send` may be told. */
export interface SendOptions<P> {
  /** In nanoseconds; without, no message is expired. */
  readonly now?: bigint | undefined;
  /** Tells the size of a payload, for a queue with a cap on bytes. Payloads of bytes need none. */
  readonly describe?: Describe<P> | undefined;
}

/** What the limits of a queue ask of a message in a store. Throws what the store throws. O(1). */
export function peekItem(headers: HeaderStore, token: MessageToken): AdmissionItem {
  return within(headers.peekHeader(token), ({ header }) => {
    const { payloadSize, qos, deadline } = header;
    return { payloadSize, qos, deadline };
  });
}

/**
 * Stores a message and puts its token into a queue, if the queue's limits let it. Whether they do
 * is decided before anything is stored; the messages of evicted tokens are freed. O(what the
 * manager's store costs + evicted).
 *
 * Where it throws, the message is not stored: what the manager's `store` throws, `BORROW_ACTIVE`
 * where some guard holds a message that is to be evicted, `GROW_FAILED` without room for the token.
 * Then nothing has changed, but that messages may have been evicted already. `INVALID_VALUE` where
 * `describe` tells another size than the manager, `TypeError` for a `now` that is no bigint.
 *
 * PRECONDITION: a manager that has no free slot says so only of a message that it could store.
 *
 * @example
 * const { isAdmitted, refusal } = send(queue, messages, Message.of(payload), { now });
 */
export function send<P>(
  queue: TokenSink,
  manager: MessageManager<P>,
  message: Message<P>,
  { now, describe = describeBytes }: SendOptions<P> = {},
): SendAnswer {
  const isCapped = queue.policy.maxBytes !== Infinity;
  const payloadSize = isCapped ? describe(message.payload).byteLength : 0;
  const decision = queue.decide({ ...message.header, payloadSize }, now);
  if (decision.kind === 'admit') {
    const token = queueStored(queue, manager, manager.store(message), payloadSize);
    return { isAdmitted: true, token, evicted: [] };
  }
  if (decision.kind !== 'evict') return { isAdmitted: false, evicted: [], refusal: decision };
  return sendEvicting(queue, manager, message, payloadSize, decision.keep);
}

/**
 * Calls `use` with the oldest message of a queue, then frees it and takes its token out. Where
 * `use` throws or returns a promise, message and token stay, and the next receive gets them again.
 * O(what the manager's read costs).
 *
 * A token whose message somebody else has freed is taken out and reported as missing, and the next
 * one is received. `isExpired` tells whether the deadline was over by `now`, in nanoseconds.
 *
 * Throws what `use` throws, `TypeError` for a promise, and what the manager's `read` and `free`
 * throw otherwise, such as `BAD_TOKEN` where it is not the manager of this queue.
 *
 * @example
 * receive(queue, messages, ({ payload }) => handle(payload));
 */
export function receive<P, R>(
  queue: TokenSource,
  manager: MessageManager<P>,
  use: (guard: ReadGuard<P>, isExpired: boolean) => R,
  now?: bigint,
): ReceiveAnswer<R> {
  const missing: MessageToken[] = [];
  for (;;) {
    const queued = queue.peek();
    if (queued === undefined) return { isReceived: false, missing };
    const guard = readUnlessGone(manager, queued.token);
    if (guard === undefined) {
      missing.push(queued.token);
    } else {
      const result = within(guard, () => use(guard, isExpired(queued, now)));
      manager.free(queued.token);
      queue.remove(queued);
      return { isReceived: true, result, missing };
    }
    queue.remove(queued);
  }
}

/** Stores first where it can: what the manager refuses then costs no other message its place. */
function sendEvicting<P>(
  queue: TokenSink,
  manager: MessageManager<P>,
  message: Message<P>,
  payloadSize: number,
  keep: Load,
): SendAnswer {
  const stored = storeUnlessFull(manager, message);
  const free = (token: MessageToken) => freeUnlessGone(manager, token);
  const evicted = orFree(manager, stored, () => queue.evict(keep, free));
  const token = queueStored(queue, manager, stored ?? manager.store(message), payloadSize);
  return { isAdmitted: true, token, evicted };
}

/** Puts the token of a stored message into the queue; where that fails, frees the message. */
function queueStored<P>(
  queue: TokenSink,
  manager: MessageManager<P>,
  token: MessageToken,
  payloadSize: number,
): MessageToken {
  return orFree(manager, token, () => {
    const item = peekItem(manager, token);
    const isCapped = queue.policy.maxBytes !== Infinity;
    if (isCapped && item.payloadSize !== payloadSize) {
      throw otherSize(payloadSize, item.payloadSize);
    }
    queue.append({ ...item, token });
    return token;
  });
}

/** What `step` returns; where it throws, the message is freed first. */
function orFree<P, R>(
  manager: MessageManager<P>,
  token: MessageToken | undefined,
  step: () => R,
): R {
  try {
    return step();
  } catch (error) {
    if (token !== undefined) manager.free(token);
    throw error;
  }
}

function storeUnlessFull<P>(
  manager: MessageManager<P>,
  message: Message<P>,
): MessageToken | undefined {
  return unless(['NO_FREE_SLOTS'], () => manager.store(message));
}

function readUnlessGone<P>(
  manager: MessageManager<P>,
  token: MessageToken,
): ReadGuard<P> | undefined {
  return unless(['STALE_TOKEN', 'NOT_ALLOCATED'], () => manager.read(token));
}

function freeUnlessGone<P>(manager: MessageManager<P>, token: MessageToken): void {
  unless(['STALE_TOKEN', 'NOT_ALLOCATED'], () => manager.free(token));
}

/** What `step` returns, or `undefined` where it throws an error with such a code. */
function unless<R>(codes: readonly StorageErrorCode[], step: () => R): R | undefined {
  try {
    return step();
  } catch (error) {
    if (hasCode(error, ...codes)) return undefined;
    throw error;
  }
}

function otherSize(expected: number, found: number): StorageError {
  return new StorageError(
    'INVALID_VALUE',
    `size of a payload: describe told ${expected} bytes, the manager ${found}. Nothing was sent; ` +
      'give describedBy(codec) with the codec of the manager.',
    { expected, found },
  );
}
