/**
 * What the kernel does for JavaScript. An operation gets its bytes through one of three doors, each
 * a system call that it stands in front of, and answers with a number in the frame, with bytes
 * that it filled, or with a text.
 *
 *     CODE  OPERATION     DOOR   ARGUMENT  RESULT
 *        1  size          none             the size of stable memory in pages
 *        2  grow          none   pages     the old size in pages, or -1
 *        3  read          bytes  offset    0; the bytes are filled from stable memory
 *        4  write         bytes  offset    0; the bytes are copied to stable memory
 *        5  encode        text             the length in UTF-8; if the text area has room, the
 *                                          UTF-8 is the next reply
 *        6  encode into   bytes            pending: the bytes are the target of
 *        7  encoded text  text             the length in UTF-8; copied only if the target has room
 *        8  decode        bytes            how many bytes are valid UTF-8; if all, they are the
 *                                          next reply
 *        9  compare       bytes            pending: the bytes are the left side of
 *       10  compare with  bytes            -1, 0 or 1
 *       11  attach        bytes            0; the bytes are the message of the guard's trap
 *    12-20  on maps                        see `tree/operations.ts`
 *    32-38  on batches    bytes            see `scan/operations.ts`
 *       60  stage text    text   offset    where its UTF-8 ends that begins at this offset of the
 *                                          staging area; -1, and no change, without room for it
 *       61  staged text   name   range     1; the text of this range of the staging area is the
 *                                          reply. 0 where it is not valid UTF-8: the reply is ''
 *       62  text in       bytes  range     as 61, of a range of the bytes; the reply is the next
 *       63  plan records  bytes            the number of the plan that the bytes are, or -1
 *       64  read record   name   plan and  1; its values are in the slots, and its texts, joined,
 *                         none   range     are the reply, unless the door has none. 0 where it is
 *                                          left to TypeScript: the reply is ''
 *                         bytes            the same, of a range of the bytes; and 2 where its
 *                                          texts are not empty and are the next reply
 *       65  write record  text   plan and  where the record of the slots and the joined texts ends
 *                         none   start     in the staging area; 0 where it is left to TypeScript
 *    70-79  on heaps                       see `heap/operations.ts`
 *       80  sha256        bytes            see `sha256/hash.ts`
 *    81-88  on certified  none             see `certified/operations.ts`
 *    90-93  on hash maps  none             see `hash/operations.ts`
 *
 * The client checks what a caller may get wrong, since only JavaScript can throw what JavaScript
 * can catch. Here a wrong request traps and undoes the message: by the host, for an offset beyond
 * stable memory, else by `unreachable`.
 */
import { performCandid, performCandidOnBytes, performCandidOnText } from './candid/operations';
import { isOnCertified, performOnCertified } from './certified/operations';
import { compareBytes } from './compare';
import { answer, argumentOf, awaitNext, operationOf, textLength, textStart } from './frame';
import { attach } from './guard';
import { isOnHash, performOnHash } from './hash/operations';
import { isOnHeap, performOnHeap, performOnHeapWith } from './heap/operations';
import * as ic0 from './ic0';
import { planRecords, recordInToSlots, recordToSlots, slotsToRecord } from './record/operations';
import { replyWith } from './reply';
import { isOnBatch, performOnBatch } from './scan/operations';
import { replyWithHash } from './sha256/hash';
import { stagedText, stageText, textIn } from './staged-text';
import { isOnMap, performOnMap, performOnMapWith } from './tree/operations';
import { validUtf8Length } from './utf8';

const SIZE: u32 = 1;
const GROW: u32 = 2;
const READ: u32 = 3;
const WRITE: u32 = 4;
const ENCODE: u32 = 5;
const ENCODE_INTO: u32 = 6;
const ENCODED_TEXT: u32 = 7;
const DECODE: u32 = 8;
const COMPARE: u32 = 9;
const COMPARE_WITH: u32 = 10;
const ATTACH: u32 = 11;
const STAGE_TEXT: u32 = 60;
const STAGED_TEXT: u32 = 61;
const TEXT_IN: u32 = 62;
const PLAN_RECORDS: u32 = 63;
const READ_RECORD: u32 = 64;
const WRITE_RECORD: u32 = 65;
const SHA256: u32 = 80;

/** The bytes of the first step of an operation in two; meaningful only while the second pends. */
let held: usize = 0;
let heldLength: usize = 0;

/** Operations that need no bytes. Those of a subject of its own are in that subject's folder. */
export function perform(request: u64): void {
  const operation = operationOf(request);
  if (isOnMap(operation)) return answer(performOnMap(operation, argumentOf(request)));
  if (isOnHeap(operation)) return answer(performOnHeap(operation, argumentOf(request)));
  if (isOnHash(operation)) return answer(performOnHash(operation, argumentOf(request)));
  if (isOnCertified(operation)) return answer(performOnCertified(operation, argumentOf(request)));
  switch (operation) {
    case SIZE:
      return answer(<f64>ic0.stable64_size());
    case GROW:
      return answer(<f64>ic0.stable64_grow(argumentOf(request)));
    case READ_RECORD:
      return recordToSlots(argumentOf(request), false);
    case WRITE_RECORD:
      return slotsToRecord(argumentOf(request), 0, 0);
    default:
      performCandid(request);
  }
}

/** Operations on the bytes of a typed array. As for {@link perform}. */
export function performOnBytes(request: u64, bytes: usize, length: usize): void {
  const operation = operationOf(request);
  const argument = argumentOf(request);
  if (isOnMap(operation)) return answer(performOnMapWith(operation, argument, bytes, length));
  if (isOnHeap(operation)) return answer(performOnHeapWith(operation, argument, bytes, length));
  if (isOnBatch(operation)) return answer(performOnBatch(operation, argument, bytes, length));
  switch (operation) {
    case READ:
      ic0.stable64_read(bytes, argument, length);
      return answer(0);
    case WRITE:
      ic0.stable64_write(argument, bytes, length);
      return answer(0);
    case ENCODE_INTO:
      return hold(bytes, length, ENCODED_TEXT);
    case DECODE:
      return decode(bytes, length);
    case COMPARE:
      return hold(bytes, length, COMPARE_WITH);
    case COMPARE_WITH:
      return answer(compareBytes(held, heldLength, bytes, length));
    case ATTACH:
      attach(bytes, length);
      return answer(0);
    case TEXT_IN:
      return textIn(bytes, length, argument);
    case PLAN_RECORDS:
      return planRecords(bytes, length);
    case READ_RECORD:
      return recordInToSlots(argument, bytes, length);
    case SHA256:
      return replyWithHash(bytes, length);
    default:
      performCandidOnBytes(request, bytes, length);
  }
}

/** Operations on a text, which the runtime hands over in UTF-8. */
export function performOnText(request: u64, text: usize, length: usize): void {
  switch (operationOf(request)) {
    case ENCODE:
      return encode(text, length);
    case ENCODED_TEXT:
      if (length <= heldLength) memory.copy(held, text, length);
      return answer(<f64>length);
    case STAGE_TEXT:
      return stageText(text, length, argumentOf(request));
    case WRITE_RECORD:
      return slotsToRecord(argumentOf(request), text, length);
    default:
      performCandidOnText(request, text, length);
  }
}

/** Operations that are asked for by asking for their reply. */
export function performForText(request: u64): void {
  switch (operationOf(request)) {
    case STAGED_TEXT:
      return stagedText(argumentOf(request));
    case READ_RECORD:
      return recordToSlots(argumentOf(request), true);
    default:
      unreachable();
  }
}

/** The runtime frees the text when the call is over, so what is replied with is a copy. */
function encode(text: usize, length: usize): void {
  if (length <= textLength()) {
    memory.copy(textStart(), text, length);
    replyWith(textStart(), length);
  }
  answer(<f64>length);
}

function hold(bytes: usize, length: usize, next: u32): void {
  held = bytes;
  heldLength = length;
  awaitNext(next);
}

function decode(bytes: usize, length: usize): void {
  const valid = validUtf8Length(bytes, length);
  if (valid == length) replyWith(bytes, length);
  answer(<f64>valid);
}
