/**
 * Whether a queue takes one more message: a pure function of the queue's limits, of how much lies
 * in it, and of the message. Nothing is stored or evicted here; the queue does what is decided.
 *
 * A queue has a hard mark, above which it never gets, and may have a soft one, from which on it
 * counts as congested. The first line that fits decides:
 *
 *     THE MESSAGE                         IS
 *     has a deadline that is over         rejected: expired
 *     is larger than the cap on bytes     rejected: too-large
 *     does not fit beside the others      dealt with as `whenFull` says: full
 *     comes to a queue below its soft
 *       marks, or is urgent enough        admitted
 *     comes to a congested queue          dealt with as `whenSoft` says: congested
 *
 * The original's rules are of the same kind, and ours differ from them in this:
 *
 * - *A cap is a cap.* The original looks at the bytes that lie there already, so one large message
 *   carries a queue far above its cap, and an empty queue takes a message of any size. Here the
 *   message is counted in: a queue never holds more than its cap. One that is as large as the cap
 *   fits an empty queue; the original refuses it as soon as the queue is full.
 * - *Deadlines and quality of service count.* The original has a policy of that name which admits
 *   everything between the marks and rejects everything above.
 * - *Two questions, two answers.* What happens between the marks and what happens at the hard one
 *   are set apart; in the original one word sets both.
 * - *A soft mark for bytes needs a hard one*; the original ignores it without, here it is refused.
 * - *`block` stays `block`*: the sender learns that it may try later. The queues of the original
 *   turn it into a reject.
 *
 * Source: `specs/limen.md` section 6; crate `limen-core`, `QueuePolicy` and `AdmissionPolicy`.
 */
import { assertSize, kind } from '../guards.js';
import { isOverdue, QUALITIES_OF_SERVICE, rankOf, type MessageHeader } from './message-header.js';

const OVERLOAD_ACTIONS = ['reject', 'drop-newest', 'evict-oldest', 'block'] as const;

/**
 * What to do with a message for which there is no room: refuse it as an error (`reject`), as of no
 * importance (`drop-newest`), for now (`block`: the sender tries again), or make room for it
 * (`evict-oldest`).
 */
export type OverloadAction = (typeof OVERLOAD_ACTIONS)[number];

/** The limits of a queue, as one writes them down. */
export interface AdmissionOptions {
  /** The most messages; at least 1. */
  readonly maxCount: number;
  /** From this many on the queue is congested; `maxCount` unless told, which is never. */
  readonly softCount?: number | undefined;
  /** The most bytes of payload in all; no cap unless told. */
  readonly maxBytes?: number | undefined;
  /** From this many bytes on the queue is congested; `maxBytes` unless told. */
  readonly softBytes?: number | undefined;
  /** What to do in a congested queue: `admit` unless `urgentFrom` is given, else `reject`. */
  readonly whenSoft?: OverloadAction | 'admit' | undefined;
  /** What to do without room; `reject` unless told. */
  readonly whenFull?: OverloadAction | undefined;
  /** A congested queue admits messages of at least this quality of service all the same. */
  readonly urgentFrom?: MessageHeader['qos'] | undefined;
}

/** The limits of a queue, all of them; made by {@link admissionPolicy}. */
export interface AdmissionPolicy extends AdmissionOptions {
  readonly softCount: number;
  /** `Infinity` where there is no cap, as for `softBytes`. */
  readonly maxBytes: number;
  readonly softBytes: number;
  readonly whenSoft: OverloadAction | 'admit';
  readonly whenFull: OverloadAction;
}

/** How much lies in a queue. */
export interface Load {
  readonly count: number;
  /** Of payload. */
  readonly bytes: number;
}

/** How full a queue is: below its soft marks, congested, or without room for anything. */
export type Watermark = 'below-soft' | 'between' | 'at-hard';

/** How much lies in a queue, and what that means. */
export interface Occupancy extends Load {
  readonly mark: Watermark;
}

/** What decides of a message: a part of its header. */
export type AdmissionItem = Pick<MessageHeader, 'payloadSize' | 'qos' | 'deadline'>;

/** Why a message is not taken. */
export type RefusalReason = 'expired' | 'too-large' | 'full' | 'congested';

/** A message is not taken. */
export interface Refusal {
  readonly kind: 'reject' | 'drop' | 'block';
  readonly reason: RefusalReason;
}

/** What is to be done with a message. */
export type AdmissionDecision =
  | { readonly kind: 'admit' }
  /** Take out the oldest until no more than `keep` is left, then admit. */
  | { readonly kind: 'evict'; readonly keep: Load }
  | Refusal;

const ADMIT: AdmissionDecision = Object.freeze({ kind: 'admit' });

/**
 * The limits of a queue, checked and whole. O(1).
 *
 * Throws `TypeError` and `RangeError` for limits that are none: not positive, a soft mark above its
 * hard one or without it, an action or a quality of service that there is not, an `urgentFrom` in a
 * queue that admits everybody anyway.
 *
 * @example
 * const policy = admissionPolicy({ maxCount: 100, softCount: 80, urgentFrom: 'latency-critical' });
 */
export function admissionPolicy(options: AdmissionOptions): AdmissionPolicy {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`limits of a queue: expected an object, got ${kind(options)}`);
  }
  const { maxCount, softCount = maxCount, maxBytes = Infinity, softBytes = maxBytes } = options;
  const { urgentFrom, whenFull = 'reject' } = options;
  const { whenSoft = urgentFrom === undefined ? 'admit' : 'reject' } = options;
  assertMark('maxCount', maxCount, Number.MAX_SAFE_INTEGER);
  assertMark('softCount', softCount, maxCount);
  if (maxBytes !== Infinity) assertMark('maxBytes', maxBytes, Number.MAX_SAFE_INTEGER);
  if (softBytes !== Infinity) assertMark('softBytes', softBytes, maxBytes);
  assertBytesCapped(maxBytes, softBytes);
  assertOneOf('whenFull', whenFull, OVERLOAD_ACTIONS);
  assertOneOf('whenSoft', whenSoft, ['admit', ...OVERLOAD_ACTIONS]);
  if (urgentFrom !== undefined) assertOneOf('urgentFrom', urgentFrom, QUALITIES_OF_SERVICE);
  if (urgentFrom !== undefined && whenSoft === 'admit') {
    throw new RangeError(`whenSoft: expected a refusal beside urgentFrom, got admit`);
  }
  return { maxCount, softCount, maxBytes, softBytes, whenSoft, whenFull, urgentFrom };
}

/**
 * What is to be done with a message. `now`, in nanoseconds, is compared with its deadline; without,
 * no message is expired. O(1). Throws `TypeError` for a `now` that is no bigint.
 *
 * @example
 * decideAdmission(policy, { count: 100, bytes: 0 }, message.header); // reject: full
 */
export function decideAdmission(
  policy: AdmissionPolicy,
  load: Load,
  item: AdmissionItem,
  now?: bigint,
): AdmissionDecision {
  const { maxCount, maxBytes } = policy;
  const { payloadSize } = item;
  if (isExpired(item, now)) return { kind: 'reject', reason: 'expired' };
  if (payloadSize > maxBytes) return { kind: 'reject', reason: 'too-large' };
  const room: Load = { count: maxCount - 1, bytes: maxBytes - payloadSize };
  if (load.count > room.count || load.bytes > room.bytes) {
    return act(policy.whenFull, 'full', room);
  }
  if (markOf(policy, load) === 'below-soft' || isUrgent(policy, item)) return ADMIT;
  return act(policy.whenSoft, 'congested', { count: load.count - 1, bytes: room.bytes });
}

/** How full a queue with this load is. O(1). */
export function occupancyOf(policy: AdmissionPolicy, { count, bytes }: Load): Occupancy {
  return { count, bytes, mark: markOf(policy, { count, bytes }) };
}

/** Whether its deadline is over; never without a deadline or without a `now`. O(1). */
export function isExpired(item: Pick<AdmissionItem, 'deadline'>, now?: bigint): boolean {
  assertTime(now);
  return now !== undefined && isOverdue(item, now);
}

/** Throws `TypeError` for a time that is neither nanoseconds nor left out. */
export function assertTime(now: bigint | undefined): void {
  if (now === undefined || typeof now === 'bigint') return;
  throw new TypeError(`now: expected a bigint, got ${kind(now)}`);
}

function markOf(policy: AdmissionPolicy, { count, bytes }: Load): Watermark {
  if (count >= policy.maxCount || bytes >= policy.maxBytes) return 'at-hard';
  return count >= policy.softCount || bytes >= policy.softBytes ? 'between' : 'below-soft';
}

function isUrgent({ urgentFrom }: AdmissionPolicy, { qos }: AdmissionItem): boolean {
  return urgentFrom !== undefined && rankOf(qos) >= rankOf(urgentFrom);
}

function act(
  action: OverloadAction | 'admit',
  reason: RefusalReason,
  keep: Load,
): AdmissionDecision {
  if (action === 'admit') return ADMIT;
  if (action === 'evict-oldest') return { kind: 'evict', keep };
  return { kind: action === 'drop-newest' ? 'drop' : action, reason };
}

function assertMark(label: string, mark: number, max: number): void {
  if (assertSize(label, mark, max) === 0) {
    throw new RangeError(`${label}: expected at least 1, got 0`);
  }
}

function assertBytesCapped(maxBytes: number, softBytes: number): void {
  if (maxBytes !== Infinity || softBytes === Infinity) return;
  throw new RangeError(`softBytes: expected maxBytes as well, got ${softBytes} alone`);
}

function assertOneOf(label: string, value: unknown, allowed: readonly string[]): void {
  if (typeof value !== 'string') {
    throw new TypeError(`${label}: expected a string, got ${kind(value)}`);
  }
  if (allowed.includes(value)) return;
  throw new RangeError(`${label}: expected one of ${allowed.join(', ')}, got ${value}`);
}
