/**
 * The slots of a stable message store, one behind the other, all of one size. Each begins with a
 * head (all numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  generation: how many messages the slot has held, up to the present one
 *          4     4  state: 0 never used, 1 live, 2 free, 3 retired
 *          8     4  next free slot while free, 2^32 - 1 behind the last one; otherwise 0
 *         12     4  reserved, zero
 *         16        the message, see `header-bytes.ts` and `message-bytes.ts`
 *
 * The size of a slot is that of the head and the largest message, rounded up to a multiple of 8:
 * so generation and state cross no edge of a disk's sector.
 *
 * INVARIANT: what lies behind the message of a live slot, and behind the head of any other, is
 * zero. So no byte of a freed message stays.
 *
 * Source: `specs/limen.md` sections 9.5 and 10.
 */
import { readU32, writeU32 } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import { reserve, type Memory } from '../../memory.js';
import { GENERATION_MAX } from '../message-token.js';
import { SLOTS_OFFSET } from './store-header.js';

const GENERATION_OFFSET = 0;
const STATE_OFFSET = GENERATION_OFFSET + 4;
const NEXT_OFFSET = STATE_OFFSET + 4;
const RESERVED_OFFSET = NEXT_OFFSET + 4;

/** Bytes of a slot in front of its message. */
export const SLOT_HEAD_SIZE = RESERVED_OFFSET + 4;

/** Slots lie at addresses that are multiples of it. */
const ALIGNMENT = 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const MESSAGE_SLOT_LAYOUT = {
  generation: GENERATION_OFFSET,
  state: STATE_OFFSET,
  next: NEXT_OFFSET,
  reserved: RESERVED_OFFSET,
  message: SLOT_HEAD_SIZE,
} as const;

export const LIVE = 1;
export const FREE = 2;
export const RETIRED = 3;

/** Where the slots lie in a memory. */
export class SlotArea {
  /** In bytes. */
  readonly slotSize: number;

  constructor(
    readonly memory: Memory,
    messageSizeMax: number,
  ) {
    this.slotSize = Math.ceil((SLOT_HEAD_SIZE + messageSizeMax) / ALIGNMENT) * ALIGNMENT;
  }

  addressOf(index: number): number {
    return SLOTS_OFFSET + index * this.slotSize;
  }

  /** Fills `target` with the bytes of a slot from `start` on. One read. */
  read(index: number, target: Uint8Array, start = 0): void {
    this.memory.read(SLOTS_OFFSET + index * this.slotSize + start, target);
  }

  /** Writes bytes of a slot from `start` on. One write. */
  write(index: number, bytes: Uint8Array, start = 0): void {
    this.memory.write(SLOTS_OFFSET + index * this.slotSize + start, bytes);
  }

  /** Makes room for so many slots. Throws `GROW_FAILED`, and then nothing has changed. */
  reserve(slots: number): void {
    reserve(this.memory, this.addressOf(slots));
  }
}

/** Writes generation and state into the bytes of a slot. */
export function writeHead(slot: Uint8Array, generation: number, state: number): void {
  writeU32(slot, GENERATION_OFFSET, generation);
  writeU32(slot, STATE_OFFSET, state);
}

/** Writes which slot is the next free one into the bytes of a slot. */
export function writeNext(slot: Uint8Array, next: number): void {
  writeU32(slot, NEXT_OFFSET, next);
}

export function generationIn(slot: Uint8Array): number {
  return readU32(slot, GENERATION_OFFSET);
}

export function nextIn(slot: Uint8Array): number {
  return readU32(slot, NEXT_OFFSET);
}

/** Throws `CORRUPTED` for a head that no slot below the high-water mark has. */
export function stateIn(index: number, slot: Uint8Array): number {
  const state = readU32(slot, STATE_OFFSET);
  if (state < LIVE || state > RETIRED) throw corrupted(`state of slot ${index}`, '1 to 3', state);
  const reserved = readU32(slot, RESERVED_OFFSET);
  if (reserved !== 0) throw corrupted(`reserved bytes of slot ${index}`, 0, reserved);
  const generation = generationIn(slot);
  const isPlausible = state === LIVE ? generation > 0 : fits(state, generation);
  if (!isPlausible) throw corrupted(`generation of slot ${index}`, 'another', generation);
  return state;
}

/** A slot whose message is gone is retired at the last generation, and free before. */
function fits(state: number, generation: number): boolean {
  return generation > 0 && (state === RETIRED) === (generation === GENERATION_MAX);
}
