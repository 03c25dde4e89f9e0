/**
 * What a message says of itself, beside its payload. Queues and schedulers read this much and no
 * more: size, quality of service and deadline decide what becomes of a message.
 *
 * Two fields are the manager's, which stamps them whenever it stores a message or an edit of it:
 * the size of the payload, and the class of memory. In the original they are the caller's, and go
 * stale. The size of a payload is that of its encoding, the same on every machine.
 *
 * Source: `specs/limen.md` sections 1.2, 1.3, 5 and 9.2; crate `limen-core`, `MessageHeader`.
 */
import { StorageError } from '../errors.js';
import { kind } from '../guards.js';
import { MemoryClass } from './memory-class.js';
import { MessageFlags } from './message-flags.js';

/** How urgent a message is, from the least on. */
export const QUALITIES_OF_SERVICE = ['background', 'best-effort', 'latency-critical'] as const;

/** How urgent a message is. */
export type QualityOfService = (typeof QUALITIES_OF_SERVICE)[number];

/** A header, whole; never changes. */
export interface MessageHeader {
  /** What belongs together across messages; from 0 to 2^64 - 1, as are the next two. */
  readonly traceId: bigint;
  /** The producer's own count. */
  readonly sequence: bigint;
  /** When it was made, in the unit of the platform's clock. */
  readonly creationTick: bigint;
  /** From which moment on it is of no use, in nanoseconds; absent: from none. */
  readonly deadline: bigint | undefined;
  readonly qos: QualityOfService;
  /** In bytes; stamped by the manager, and 0 before. */
  readonly payloadSize: number;
  readonly flags: MessageFlags;
  /** Stamped by the manager, and the host's before. */
  readonly memoryClass: MemoryClass;
}

/** The fields that are the sender's. */
export type HeaderFields = Partial<Omit<MessageHeader, 'payloadSize' | 'memoryClass'>>;

/** The header of a message of which nothing is said. */
export const EMPTY_HEADER: MessageHeader = Object.freeze({
  traceId: 0n,
  sequence: 0n,
  creationTick: 0n,
  deadline: undefined,
  qos: 'best-effort',
  payloadSize: 0,
  flags: MessageFlags.empty,
  memoryClass: MemoryClass.host,
});

const U64_MAX = 2n ** 64n - 1n;

/**
 * A header with these fields, the others being those of `base`. O(1).
 *
 * Throws `TypeError` for a field of another type, `INVALID_VALUE` for a number that does not fit
 * 64 bits or a quality of service that there is not.
 *
 * @example
 * const header = messageHeader({ traceId: 7n, qos: 'latency-critical' });
 */
export function messageHeader(
  fields: HeaderFields = {},
  base: MessageHeader = EMPTY_HEADER,
): MessageHeader {
  const { payloadSize, memoryClass } = base;
  const header = { ...base, ...fields, payloadSize, memoryClass };
  assertU64('trace id', header.traceId);
  assertU64('sequence', header.sequence);
  assertU64('creation tick', header.creationTick);
  if (header.deadline !== undefined) assertU64('deadline', header.deadline);
  if (!QUALITIES_OF_SERVICE.includes(header.qos)) {
    throw invalidField('quality of service', QUALITIES_OF_SERVICE.join(', '), String(header.qos));
  }
  if (!(header.flags instanceof MessageFlags)) {
    throw new TypeError(`flags: expected MessageFlags, got ${kind(header.flags)}`);
  }
  return header;
}

/** Whether `moment` is too late: at the deadline itself it is. O(1). */
export function isOverdue({ deadline }: Pick<MessageHeader, 'deadline'>, moment: bigint): boolean {
  return deadline !== undefined && deadline <= moment;
}

/** From 1, for what can wait, to 3, for what cannot. O(1). */
export function rankOf(qos: QualityOfService): number {
  return QUALITIES_OF_SERVICE.indexOf(qos) + 1;
}

function assertU64(label: string, value: unknown): void {
  if (typeof value !== 'bigint') {
    throw new TypeError(`${label}: expected a bigint, such as 7n, got ${kind(value)}`);
  }
  if (value < 0n || value > U64_MAX) throw invalidField(label, '0 to 2^64 - 1', String(value));
}

function invalidField(what: string, expected: string, found: string): StorageError {
  return new StorageError(
    'INVALID_VALUE',
    `${what} of a message: expected ${expected}, found ${found}. Nothing was stored.`,
    { what, expected, found },
  );
}
