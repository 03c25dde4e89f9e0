/**
 * What a queue keeps of a message: its token, and what was true of it when it was pushed (all
 * numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  token
 *          8     8  deadline in nanoseconds, 0 where there is none
 *         16     4  size of the payload in bytes
 *         20     1  quality of service: 1 background, 2 best effort, 3 latency critical
 *         21     1  1 where there is a deadline, else 0
 *         22     2  reserved, zero
 *         24        end
 *
 * The original keeps the bare token and asks the message for its size once more when it is popped.
 * If the message was edited meanwhile, the queue's total of bytes is wrong from then on.
 *
 * Source: `specs/limen.md` sections 6 and 10, trap 11.
 */
import { RecordBytes } from '../../bytes.js';
import type { Codec } from '../../codec.js';
import { corrupted, StorageError } from '../../errors.js';
import { assertSize } from '../../guards.js';
import { assertReservedZero } from '../../magic.js';
import type { AdmissionItem } from '../admission.js';
import { deadlineOf, qosOf } from '../header-bytes.js';
import { PAYLOAD_SIZE_MAX } from '../message-bytes.js';
import { rankOf } from '../message-header.js';
import {
  GENERATION_MAX,
  messageToken,
  tokenGeneration,
  type MessageToken,
} from '../message-token.js';

const TOKEN_OFFSET = 0;
const DEADLINE_OFFSET = TOKEN_OFFSET + 8;
const PAYLOAD_SIZE_OFFSET = DEADLINE_OFFSET + 8;
const QOS_OFFSET = PAYLOAD_SIZE_OFFSET + 4;
const HAS_DEADLINE_OFFSET = QOS_OFFSET + 1;
const RESERVED_OFFSET = HAS_DEADLINE_OFFSET + 1;
const RESERVED_SIZE = 2;
/** Bytes of a cell. */
export const CELL_SIZE = RESERVED_OFFSET + RESERVED_SIZE;

/** Where each field lies, for the test that compares the table above with the code. */
export const TOKEN_CELL_LAYOUT = {
  token: TOKEN_OFFSET,
  deadline: DEADLINE_OFFSET,
  payloadSize: PAYLOAD_SIZE_OFFSET,
  qos: QOS_OFFSET,
  hasDeadline: HAS_DEADLINE_OFFSET,
  reserved: RESERVED_OFFSET,
  end: CELL_SIZE,
} as const;

/** A token in a queue, and what was true of its message when it was pushed. */
export interface QueuedToken extends AdmissionItem {
  readonly token: MessageToken;
}

/**
 * Throws for what no manager gives: `INVALID_VALUE` for a token without a generation, `RangeError`
 * for a size that no header has, `TypeError`. O(1).
 */
export function assertQueueable({ token, payloadSize }: QueuedToken): void {
  assertToken(token);
  assertSize('size of a payload', payloadSize, PAYLOAD_SIZE_MAX);
}

/**
 * A cell on its way into other bytes, and one on its way out of them.
 *
 * INVARIANT: used within one call, so that sharing them cannot be noticed; the reserved bytes of
 * the first are zero.
 */
const written = new RecordBytes(CELL_SIZE);
const found = new RecordBytes(CELL_SIZE);

/** Writes a cell at `start`. O(1). Throws as {@link assertQueueable} does. */
export function writeCell(bytes: Uint8Array, start: number, queued: QueuedToken): void {
  const { token, deadline, payloadSize, qos } = queued;
  assertQueueable(queued);
  written.setBigU64(TOKEN_OFFSET, token);
  written.setBigU64(DEADLINE_OFFSET, deadline ?? 0n);
  written.setU32(PAYLOAD_SIZE_OFFSET, payloadSize);
  written.bytes[QOS_OFFSET] = rankOf(qos);
  written.bytes[HAS_DEADLINE_OFFSET] = deadline === undefined ? 0 : 1;
  bytes.set(written.bytes, start);
}

/** The cell at `start`. Throws `CORRUPTED` for bytes that no cell has. O(1). */
export function readCell(bytes: Uint8Array, start: number): QueuedToken {
  found.bytes.set(bytes.subarray(start, start + CELL_SIZE));
  assertReservedZero('cell of a queue', found.bytes, RESERVED_OFFSET, RESERVED_SIZE);
  const token = found.bigU64(TOKEN_OFFSET) as MessageToken;
  if (tokenGeneration(token) === 0) throw corrupted('token in a queue', 'one', 'none');
  return {
    token,
    payloadSize: found.u32(PAYLOAD_SIZE_OFFSET),
    qos: qosOf(found.bytes[QOS_OFFSET]!),
    deadline: deadlineOf(found.bytes[HAS_DEADLINE_OFFSET]!, found.bigU64(DEADLINE_OFFSET)),
  };
}

function assertToken(token: MessageToken): void {
  const generation = tokenGeneration(messageToken(token));
  if (generation >= 1 && generation <= GENERATION_MAX) return;
  throw new StorageError(
    'INVALID_VALUE',
    `token ${token}: no manager gives it. Nothing was queued; use a token that store returned.`,
    { token: String(token) },
  );
}

/** Cells as elements of slots. */
export const TOKEN_CELL: Codec<QueuedToken> = {
  name: 'queued token',
  bound: { maxSize: CELL_SIZE, fixedSize: true },
  encode(queued) {
    const bytes = new Uint8Array(CELL_SIZE);
    writeCell(bytes, 0, queued);
    return bytes;
  },
  decode: (bytes) => readCell(bytes, 0),
  decodeAt: (bytes, start) => readCell(bytes, start),
};
