/**
 * The header of a `FirstFitBStackAllocator`: the first bytes of the stack's payload.
 *
 *     OFFSET  SIZE  FIELD
 *          0    16  free for the user, such as the saved handle of a first block
 *         16     8  magic "ALFF", version 0.1, patch 3, see `../magic.ts`
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
import type { StackReader, StackWriter } from '../../bstack/stack-edit.js';
import { readBigU64, readU32, writeU32, writeU64 } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import { ARENA_MAGIC_SIZE, assertArena, encodeArenaMagic } from '../magic.js';

const USER_OFFSET = 0;
const USER_SIZE = 16;
const MAGIC_OFFSET = USER_OFFSET + USER_SIZE;
const FLAGS_OFFSET = MAGIC_OFFSET + ARENA_MAGIC_SIZE;
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

const LETTERS = 'ALFF';
/** The one of 0.2.3 and later. */
const PATCH = 3;
const RECOVERY_BIT = 1;

/** Makes an empty stack an arena without blocks. 2 syncs; a crash leaves all of it or nothing. */
export function createHeader(stack: BStack): void {
  const header = new Uint8Array(ARENA_OFFSET);
  header.set(encodeArenaMagic(LETTERS, PATCH), MAGIC_OFFSET);
  stack.push(header);
}

/** Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION` unless the stack holds such an arena. O(1). */
export function assertHeader(reader: StackReader): void {
  assertArena(reader, LETTERS, MAGIC_OFFSET, ARENA_OFFSET);
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
