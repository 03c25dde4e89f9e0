/**
 * The bytes of a message's header (all numbers little-endian), the same on every machine:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  trace id
 *          8     8  sequence
 *         16     8  creation tick
 *         24     8  deadline in nanoseconds, 0 where there is none
 *         32     4  size of the payload in bytes
 *         36     4  flags
 *         40     1  quality of service: 1 background, 2 best effort, 3 latency critical
 *         41     1  memory class: 0 host, 1 pinned host, 2 device, 3 shared
 *         42     1  ordinal of the device, 0 for the other classes
 *         43     1  1 where there is a deadline, else 0
 *         44    12  reserved, zero
 *         56        end
 *
 * Source: `specs/limen.md` section 9.5.
 */
import { RecordBytes } from '../bytes.js';
import { corrupted } from '../errors.js';
import { assertReservedZero } from '../magic.js';
import { MemoryClass, type MemoryClassKind } from './memory-class.js';
import { MessageFlags } from './message-flags.js';
import {
  QUALITIES_OF_SERVICE,
  rankOf,
  type MessageHeader,
  type QualityOfService,
} from './message-header.js';

const TRACE_ID_OFFSET = 0;
const SEQUENCE_OFFSET = TRACE_ID_OFFSET + 8;
const CREATION_TICK_OFFSET = SEQUENCE_OFFSET + 8;
const DEADLINE_OFFSET = CREATION_TICK_OFFSET + 8;
const PAYLOAD_SIZE_OFFSET = DEADLINE_OFFSET + 8;
const FLAGS_OFFSET = PAYLOAD_SIZE_OFFSET + 4;
const QOS_OFFSET = FLAGS_OFFSET + 4;
const CLASS_OFFSET = QOS_OFFSET + 1;
const ORDINAL_OFFSET = CLASS_OFFSET + 1;
const HAS_DEADLINE_OFFSET = ORDINAL_OFFSET + 1;
const RESERVED_OFFSET = HAS_DEADLINE_OFFSET + 1;
const RESERVED_SIZE = 12;

/** Bytes of a header, also where it is only counted, as by a message's descriptor. */
export const MESSAGE_HEADER_SIZE = RESERVED_OFFSET + RESERVED_SIZE;

/** Where each field lies, for the test that compares the table above with the code. */
export const MESSAGE_HEADER_LAYOUT = {
  traceId: TRACE_ID_OFFSET,
  sequence: SEQUENCE_OFFSET,
  creationTick: CREATION_TICK_OFFSET,
  deadline: DEADLINE_OFFSET,
  payloadSize: PAYLOAD_SIZE_OFFSET,
  flags: FLAGS_OFFSET,
  qos: QOS_OFFSET,
  memoryClass: CLASS_OFFSET,
  ordinal: ORDINAL_OFFSET,
  hasDeadline: HAS_DEADLINE_OFFSET,
  reserved: RESERVED_OFFSET,
  end: MESSAGE_HEADER_SIZE,
} as const;

const CLASS_KINDS: readonly MemoryClassKind[] = ['host', 'pinned-host', 'device', 'shared'];
const PLAIN_CLASSES = [MemoryClass.host, MemoryClass.pinnedHost, undefined, MemoryClass.shared];
const DEVICE = CLASS_KINDS.indexOf('device');

/** The stored number of a class's kind, also in the headers of managers. */
export function classNumber({ kind }: MemoryClass): number {
  return CLASS_KINDS.indexOf(kind);
}

/** The class that two stored bytes tell of. Throws `CORRUPTED` where they tell of none. O(1). */
export function classOf(number: number, ordinal: number): MemoryClass {
  if (number === DEVICE) return MemoryClass.device(ordinal);
  const memoryClass = PLAIN_CLASSES[number];
  if (memoryClass === undefined) throw corrupted('memory class', 'from 0 to 3', number);
  if (ordinal !== 0) throw corrupted(`ordinal of class ${memoryClass}`, 0, ordinal);
  return memoryClass;
}

/**
 * A header on its way into other bytes, and one on its way out of them.
 *
 * INVARIANT: used within one call, so that sharing them cannot be noticed; the reserved bytes of
 * the first are zero.
 */
const written = new RecordBytes(MESSAGE_HEADER_SIZE);
const found = new RecordBytes(MESSAGE_HEADER_SIZE);

/** Writes a header at `start`, stamped with a size and a class if these are told. O(1). */
export function writeHeader(
  bytes: Uint8Array,
  start: number,
  header: MessageHeader,
  payloadSize = header.payloadSize,
  memoryClass = header.memoryClass,
): void {
  const { deadline } = header;
  written.setBigU64(TRACE_ID_OFFSET, header.traceId);
  written.setBigU64(SEQUENCE_OFFSET, header.sequence);
  written.setBigU64(CREATION_TICK_OFFSET, header.creationTick);
  written.setBigU64(DEADLINE_OFFSET, deadline ?? 0n);
  written.setU32(PAYLOAD_SIZE_OFFSET, payloadSize);
  written.setU32(FLAGS_OFFSET, header.flags.bits);
  written.bytes[QOS_OFFSET] = rankOf(header.qos);
  written.bytes[CLASS_OFFSET] = classNumber(memoryClass);
  written.bytes[ORDINAL_OFFSET] = memoryClass.ordinal;
  written.bytes[HAS_DEADLINE_OFFSET] = deadline === undefined ? 0 : 1;
  bytes.set(written.bytes, start);
}

/** The header at `start`. Throws `CORRUPTED` for bytes that no header has. O(1). */
export function readHeader(bytes: Uint8Array, start: number): MessageHeader {
  found.bytes.set(bytes.subarray(start, start + MESSAGE_HEADER_SIZE));
  if (!isReservedZero()) {
    assertReservedZero('header of a message', found.bytes, RESERVED_OFFSET, RESERVED_SIZE);
  }
  return {
    traceId: found.bigU64(TRACE_ID_OFFSET),
    sequence: found.bigU64(SEQUENCE_OFFSET),
    creationTick: found.bigU64(CREATION_TICK_OFFSET),
    deadline: deadlineOf(found.bytes[HAS_DEADLINE_OFFSET]!, found.bigU64(DEADLINE_OFFSET)),
    qos: qosOf(found.bytes[QOS_OFFSET]!),
    payloadSize: found.u32(PAYLOAD_SIZE_OFFSET),
    flags: MessageFlags.fromBits(found.u32(FLAGS_OFFSET)),
    memoryClass: classOf(found.bytes[CLASS_OFFSET]!, found.bytes[ORDINAL_OFFSET]!),
  };
}

/** Whether the reserved bytes are zero, for less than it takes to look at each of them. */
function isReservedZero(): boolean {
  return (
    found.u32(RESERVED_OFFSET) === 0 &&
    found.u32(RESERVED_OFFSET + 4) === 0 &&
    found.u32(RESERVED_OFFSET + 8) === 0
  );
}

/** The deadline that a stored mark and number tell of. Throws `CORRUPTED`. O(1). */
export function deadlineOf(mark: number, deadline: bigint): bigint | undefined {
  if (mark > 1) throw corrupted('mark of a deadline', '0 or 1', mark);
  if (mark === 1) return deadline;
  if (deadline !== 0n) throw corrupted('absent deadline', 0, String(deadline));
  return undefined;
}

/** The quality of service of a stored rank. Throws `CORRUPTED`. O(1). */
export function qosOf(rank: number): QualityOfService {
  const qos = QUALITIES_OF_SERVICE[rank - 1];
  if (qos === undefined) throw corrupted('quality of service', 'from 1 to 3', rank);
  return qos;
}
