/**
 * Records between the staging area, where their bytes lie, and the slots of their values. A request
 * names a plan and a range in one argument: plan * 2^36 + start * 2^18 + length.
 */
import { answer, stagingLength, stagingStart } from '../frame';
import { replyWith } from '../reply';
import { allocate, openScratch } from '../workspace';
import { addPlan } from './plan';
import { readRecord } from './read';
import { writeRecord } from './write';

const PLAN_SHIFT: u64 = 36;
const START_SHIFT: u64 = 18;
const FIELD_MASK: u64 = (1 << START_SHIFT) - 1;

/** What is answered where the work is left to TypeScript. */
const NOT_CERTAIN: f64 = 0;
const DONE: f64 = 1;
const DONE_WITH_TEXTS: f64 = 2;

export function planRecords(bytes: usize, length: usize): void {
  answer(<f64>addPlan(bytes, length));
}

/** Fills the slots from a record and replies with its texts, joined; they may be empty. */
export function recordToSlots(argument: u64, hasTexts: bool): void {
  const length = fillSlots(argument, stagingStart(), stagingLength());
  if (hasTexts) replyWith(texts, max<isize>(length, 0));
  answer(length < 0 ? NOT_CERTAIN : DONE);
}

/** As {@link recordToSlots}, of bytes anywhere. The texts are the next reply, if there are any. */
export function recordInToSlots(argument: u64, bytes: usize, bytesLength: usize): void {
  const length = fillSlots(argument, bytes, bytesLength);
  if (length < 0) return answer(NOT_CERTAIN);
  if (length > 0) replyWith(texts, length);
  answer(length > 0 ? DONE_WITH_TEXTS : DONE);
}

/** Where the texts of the last record were joined: not 0, since a reply is not. */
let texts: usize = 0;

/** Returns the length of the joined texts, or -1 where it is not certain what the record is. */
function fillSlots(argument: u64, bytes: usize, bytesLength: usize): isize {
  const start = (argument >> START_SHIFT) & FIELD_MASK;
  const length = argument & FIELD_MASK;
  if (start + length > <u64>bytesLength) unreachable();
  const room = openScratch() ? allocate(<usize>length) : 0;
  texts = room == 0 ? bytes : room;
  if (room == 0) return -1;
  const number = <u32>(argument >> PLAN_SHIFT);
  return readRecord(number, bytes, bytes + <usize>start, <usize>length, texts);
}

/**
 * Makes a record of the slots, the joined texts, and joined bytes of which the record takes the
 * place. Answers where it ends. It is made elsewhere first, and no byte is written before it is
 * whole.
 */
export function slotsToRecord(argument: u64, texts: usize, textsLength: usize): void {
  const start = <usize>((argument >> START_SHIFT) & FIELD_MASK);
  if (start > stagingLength()) return answer(NOT_CERTAIN);
  const room = stagingLength() - start;
  const made = openScratch() ? allocate(room) : 0;
  if (made == 0) return answer(NOT_CERTAIN);
  const target = stagingStart() + start;
  const number = <u32>(argument >> PLAN_SHIFT);
  const end = writeRecord(number, made, made + room, texts, textsLength, target);
  if (end == 0) return answer(NOT_CERTAIN);
  memory.copy(target, made, end - made);
  answer(<f64>(start + (end - made)));
}
