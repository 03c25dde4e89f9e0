/**
 * The header of a `FirstFitBStackAllocator`: the first bytes of the stack's payload.
 *
 *     OFFSET  SIZE  FIELD
 *          0    16  free for the user, such as the saved handle of a first block
 *         16     8  magic "ALFF", 0, 1, patch 3, 0; the first six bytes are checked
 *         24     4  flags; bit 0: recovery is needed
 *         28     4  reserved, 0
 *         32     8  free head: the start of the first free block, 0 for none
 *         40     8  unused, 0
 *         48     …  arena: block after block, up to the end of the payload
 *
 * All of it lies within the first 256 bytes of the file, so a change of it alone costs 1 sync. The
 * recovery flag stands only while the length of the stack changes together with what lies on it,
 * and whoever opens a flagged file walks the arena, see `recovery.ts`. Reserved bytes are written
 * as zeros and not looked at, as upstream has it: other patch levels may use them.
 *
 * Source: `specs/bstack.md` section 3.2, "Header".
 */
import type { BStack } from '../../bstack.js';
import type { StackEdit } from '../../bstack/stack-edit.js';
import { readBigU64, readU32, writeU32, writeU64 } from '../../bytes.js';
import { corrupted, StorageError } from '../../errors.js';

const USER_OFFSET = 0;
const USER_SIZE = 16;
const MAGIC_OFFSET = USER_OFFSET + USER_SIZE;
const FLAGS_OFFSET = MAGIC_OFFSET + 8;
const RESERVED_OFFSET = FLAGS_OFFSET + 4;
const FREE_HEAD_OFFSET = RESERVED_OFFSET + 4;
const UNUSED_OFFSET = FREE_HEAD_OFFSET + 8;

/** Where the first block's header lies. */
export const ARENA_OFFSET = UNUSED_OFFSET + 8;

/** The offsets of the header, for the layout tests. */
export const FIRST_FIT_HEADER_LAYOUT = {
  user: USER_OFFSET,
  magic: MAGIC_OFFSET,
  flags: FLAGS_OFFSET,
  reserved: RESERVED_OFFSET,
  freeHead: FREE_HEAD_OFFSET,
  unused: UNUSED_OFFSET,
  arena: ARENA_OFFSET,
} as const;

/** "ALFF", major, minor, patch of 0.2.3 and later, 0. */
const MAGIC = Uint8Array.of(0x41, 0x4c, 0x46, 0x46, 0, 1, 3, 0);
const CHECKED_MAGIC_SIZE = 6;
const RECOVERY_BIT = 1;

/** A stack, or an edit of one: what can be read. */
export type StackReader = Pick<StackEdit, 'length' | 'getInto'>;

/** A stack, or an edit of one: what can be read and changed in place. */
export type StackWriter = Pick<StackEdit, 'length' | 'getInto' | 'set'>;

/** Makes an empty stack an arena without blocks. 2 syncs; a crash leaves all of it or nothing. */
export function createHeader(stack: BStack): void {
  const header = new Uint8Array(ARENA_OFFSET);
  header.set(MAGIC, MAGIC_OFFSET);
  stack.push(header);
}

/** Throws `BAD_MAGIC` unless the stack holds an arena of this allocator. O(1). */
export function assertHeader(reader: StackReader): void {
  const found = new Uint8Array(CHECKED_MAGIC_SIZE);
  const isLongEnough = reader.length >= ARENA_OFFSET;
  if (isLongEnough) reader.getInto(MAGIC_OFFSET, found);
  if (isLongEnough && found.every((byte, index) => byte === MAGIC[index])) return;
  throw new StorageError(
    'BAD_MAGIC',
    `the ${reader.length} bytes of the stack are no arena of a FirstFitBStackAllocator. Nothing ` +
      'was written; use an empty stack, or the allocator that these bytes belong to.',
    { length: reader.length },
  );
}

/** Whether an operation stopped half-way. O(1). */
export function isRecoveryNeeded(reader: StackReader): boolean {
  if ((readFlags(reader) & RECOVERY_BIT) !== 0) return true;
  const head = readHeadWord(reader);
  return head !== 0 && (head < ARENA_OFFSET || head >= reader.length);
}

/** Sets or clears the recovery flag and leaves the other flags alone. 1 sync on a stack. */
export function setRecoveryFlag(writer: StackWriter, isNeeded: boolean): void {
  const others = readFlags(writer) & ~RECOVERY_BIT;
  const field = new Uint8Array(RESERVED_OFFSET - FLAGS_OFFSET);
  writeU32(field, 0, isNeeded ? others | RECOVERY_BIT : others);
  writer.set(FLAGS_OFFSET, field);
}

/** The start of the first free block, or 0. Throws `CORRUPTED` where no block can start. O(1). */
export function readFreeHead(reader: StackReader): number {
  const head = readHeadWord(reader);
  if (head === 0 || (head >= ARENA_OFFSET && head < reader.length)) return head;
  throw corrupted('the head of the free list', `at most ${reader.length}`, head);
}

/** Makes the block that starts at `head` the first free one. */
export function writeFreeHead(writer: StackWriter, head: number): void {
  const field = new Uint8Array(UNUSED_OFFSET - FREE_HEAD_OFFSET);
  writeU64(field, 0, head);
  writer.set(FREE_HEAD_OFFSET, field);
}

function readFlags(reader: StackReader): number {
  const field = new Uint8Array(RESERVED_OFFSET - FLAGS_OFFSET);
  reader.getInto(FLAGS_OFFSET, field);
  return readU32(field, 0);
}

/** A word too large for a number comes out beyond 2^53, where no stack reaches. */
function readHeadWord(reader: StackReader): number {
  const field = new Uint8Array(UNUSED_OFFSET - FREE_HEAD_OFFSET);
  reader.getInto(FREE_HEAD_OFFSET, field);
  return Number(readBigU64(field, 0));
}
