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

export function planRecords(bytes: usize, length: usize): void {
  answer(<f64>addPlan(bytes, length));
}

/** Fills the slots from a record and replies with its texts, joined; they may be empty. */
export function recordToSlots(argument: u64, hasTexts: bool): void {
  const start = (argument >> START_SHIFT) & FIELD_MASK;
  const length = argument & FIELD_MASK;
  if (start + length > <u64>stagingLength()) unreachable();
  const texts = openScratch() ? allocate(<usize>length) : 0;
  const number = <u32>(argument >> PLAN_SHIFT);
  const source = stagingStart() + <usize>start;
  const textsLength =
    texts == 0 ? -1 : readRecord(number, stagingStart(), source, <usize>length, texts);
  if (hasTexts) replyWith(source, 0);
  if (textsLength < 0) return answer(NOT_CERTAIN);
  if (hasTexts) replyWith(texts, textsLength);
  answer(DONE);
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
