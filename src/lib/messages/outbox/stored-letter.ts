/**
 * A letter of an outbox as the payload of a stored message: what became of it so far, and what it
 * carries, encoded (all numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  layout version, 1
 *          1     1  state: 1 waiting, 2 in flight, 3 dead
 *          2     1  length of the reason in bytes, R
 *          3     1  reserved, zero
 *          4     4  attempts that were begun
 *          8     4  of these, how many before it was last revived
 *         12     4  reserved, zero
 *         16     8  when it is due, in nanoseconds; all ones for a dead letter
 *         24     R  why the last attempt failed, in UTF-8
 *     24 + R        what it carries, up to the end
 *
 * Deadline, trace id, sequence, quality of service and the time of posting are in the header of the
 * message. What the letter carries stays encoded here: a letter is moved without being read.
 *
 * INVARIANT: a letter is dead exactly where it is never due.
 *
 * Source: issue 8; `specs/limen.md` section 9.7.
 */
import { copyRange, readBigU64, readU32, writeBigU64, writeU32 } from '../../bytes.js';
import type { Codec } from '../../codec.js';
import { corrupted } from '../../errors.js';
import { assertReservedZero } from '../../magic.js';
import { decodeUtf8Range, encodeUtf8 } from '../../utf8.js';
import { NEVER } from './moment.js';

const VERSION_OFFSET = 0;
const STATE_OFFSET = VERSION_OFFSET + 1;
const REASON_LENGTH_OFFSET = STATE_OFFSET + 1;
const RESERVED_BYTE_OFFSET = REASON_LENGTH_OFFSET + 1;
const ATTEMPTS_OFFSET = RESERVED_BYTE_OFFSET + 1;
const ATTEMPTS_BEFORE_OFFSET = ATTEMPTS_OFFSET + 4;
const RESERVED_OFFSET = ATTEMPTS_BEFORE_OFFSET + 4;
const RESERVED_SIZE = 4;
const DUE_AT_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;
const REASON_OFFSET = DUE_AT_OFFSET + 8;

const VERSION = 1;

/** Where each field lies, for the test that compares the table above with the code. */
export const STORED_LETTER_LAYOUT = {
  version: VERSION_OFFSET,
  state: STATE_OFFSET,
  reasonLength: REASON_LENGTH_OFFSET,
  reservedByte: RESERVED_BYTE_OFFSET,
  attempts: ATTEMPTS_OFFSET,
  attemptsBefore: ATTEMPTS_BEFORE_OFFSET,
  reserved: RESERVED_OFFSET,
  dueAt: DUE_AT_OFFSET,
  reason: REASON_OFFSET,
} as const;

/** The longest reason that is kept, in bytes of UTF-8; what is longer is cut. */
export const REASON_SIZE_MAX = 200;

/** Bytes that a letter needs beyond what it carries, at most. */
const LETTER_OVERHEAD_MAX = REASON_OFFSET + REASON_SIZE_MAX;

const STATES = ['waiting', 'in-flight', 'dead'] as const;

/**
 * What is to become of a letter: it waits for its time, an attempt is under way, or it is given up.
 */
export type LetterState = (typeof STATES)[number];

/** A letter, as it is stored. */
export interface StoredLetter {
  readonly state: LetterState;
  readonly dueAt: bigint;
  /** How many attempts were begun, ever. */
  readonly attempts: number;
  /** How many of them do not count, because the letter was revived since. */
  readonly attemptsBefore: number;
  /** Empty where no attempt has failed. */
  readonly reason: string;
  /** What the letter carries, encoded. */
  readonly content: Uint8Array;
}

const CONTENT_CODEC = 'letter';

/** The codec of letters that carry at most so many bytes. */
export function storedLetter(contentSizeMax: number): Codec<StoredLetter> {
  return {
    name: CONTENT_CODEC,
    bound: { maxSize: LETTER_OVERHEAD_MAX + contentSizeMax, fixedSize: false },
    encode,
    decode: (bytes) => decodeAt(bytes, 0, bytes.length),
    decodeAt,
  };
}

/** As much of a reason as is kept: whole characters. O(1). */
export function shortened(reason: string): string {
  // A character has at least one byte, so no more of them can fit.
  const bytes = encodeUtf8(reason.slice(0, REASON_SIZE_MAX));
  if (bytes.length <= REASON_SIZE_MAX) return decodeUtf8Range(bytes, 0, bytes.length);
  let end = REASON_SIZE_MAX;
  while (isContinuation(bytes[end]!)) end -= 1;
  return decodeUtf8Range(bytes, 0, end);
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** PRECONDITION: the reason is {@link shortened}. */
function encode(letter: StoredLetter): Uint8Array {
  const reason = encodeUtf8(letter.reason);
  const bytes = new Uint8Array(REASON_OFFSET + reason.length + letter.content.length);
  bytes[VERSION_OFFSET] = VERSION;
  bytes[STATE_OFFSET] = STATES.indexOf(letter.state) + 1;
  bytes[REASON_LENGTH_OFFSET] = reason.length;
  writeU32(bytes, ATTEMPTS_OFFSET, letter.attempts);
  writeU32(bytes, ATTEMPTS_BEFORE_OFFSET, letter.attemptsBefore);
  writeBigU64(bytes, DUE_AT_OFFSET, letter.dueAt);
  bytes.set(reason, REASON_OFFSET);
  bytes.set(letter.content, REASON_OFFSET + reason.length);
  return bytes;
}

function decodeAt(bytes: Uint8Array, start: number, end: number): StoredLetter {
  if (end - start < REASON_OFFSET) {
    throw corrupted('size of a letter', `at least ${REASON_OFFSET}`, end - start);
  }
  const version = bytes[start + VERSION_OFFSET]!;
  if (version !== VERSION) throw corrupted('layout version of a letter', VERSION, version);
  assertReservedZero('letter', bytes, start + RESERVED_BYTE_OFFSET, 1);
  assertReservedZero('letter', bytes, start + RESERVED_OFFSET, RESERVED_SIZE);
  const reasonStart = start + REASON_OFFSET;
  const reasonEnd = reasonStart + bytes[start + REASON_LENGTH_OFFSET]!;
  if (reasonEnd > end) throw corrupted('end of a reason', `at most ${end}`, reasonEnd);
  return consistent({
    state: stateOf(bytes[start + STATE_OFFSET]!),
    dueAt: readBigU64(bytes, start + DUE_AT_OFFSET),
    attempts: readU32(bytes, start + ATTEMPTS_OFFSET),
    attemptsBefore: readU32(bytes, start + ATTEMPTS_BEFORE_OFFSET),
    reason: decodeUtf8Range(bytes, reasonStart, reasonEnd),
    content: copyRange(bytes, reasonEnd, end),
  });
}

function stateOf(number: number): LetterState {
  const state = STATES[number - 1];
  if (state === undefined) throw corrupted('state of a letter', 'from 1 to 3', number);
  return state;
}

function consistent(letter: StoredLetter): StoredLetter {
  const { state, dueAt, attempts, attemptsBefore } = letter;
  if ((state === 'dead') !== (dueAt === NEVER)) {
    throw corrupted(`due time of a letter that is ${state}`, 'never for a dead one', String(dueAt));
  }
  if (attemptsBefore > attempts) {
    throw corrupted('attempts before a revival', `at most ${attempts}`, attemptsBefore);
  }
  return letter;
}
