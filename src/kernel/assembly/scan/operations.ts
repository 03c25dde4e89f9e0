/**
 * What the kernel does on many entries of a map at once. The argument has the map's handle where
 * `tree/operations.ts` has it. A batch has its table in `batch.ts`, ranges in `insert-many.ts`.
 *
 *     CODE  OPERATION    DOOR   RESULT
 *       32  fill batch   bytes  how many entries were handed over; the batch says what is next
 *       33  count batch  bytes  how many entries the batch's range has, or -1: JavaScript counts
 *       34  take ranges  bytes  0; the ranges are those of the entries that are changed next
 *       35  insert many  bytes  how many keys were new, or -2 and -3-n as in `tree/operations.ts`
 *       36  elements     bytes  how many bytes were filled with the entries of the batch that was
 *                               filled last, or -1; the argument has its table in `elements.ts`
 *       37  get many     bytes  the index of the key that it stopped before; the bytes are a table,
 *                              see `get-many.ts`; or -2
 *       38  remove many  bytes  how many keys were there, or -1, -2 and -3-n as there
 */
import { openMapOf } from '../tree/open-map';
import { begin } from '../tree/plan';
import { handleOf } from '../tree/operations';
import { beginNodes } from '../tree/read';
import { countBatch, fillBatch } from './batch';
import { encodeElements } from './elements';
import { getMany } from './get-many';
import { insertMany, takeRanges } from './insert-many';
import { removeMany } from './remove-many';

const FILL_BATCH: u32 = 32;
const COUNT_BATCH: u32 = 33;
const TAKE_RANGES: u32 = 34;
const INSERT_MANY: u32 = 35;
const ELEMENTS: u32 = 36;
const GET_MANY: u32 = 37;
const REMOVE_MANY: u32 = 38;

const FALL_BACK: f64 = -2;

/** Whether an operation is one of these. */
export function isOnBatch(operation: u32): bool {
  return operation >= FILL_BATCH && operation <= REMOVE_MANY;
}

/** Carries out an operation on a batch, or on many entries; returns its result. */
export function performOnBatch(operation: u32, argument: u64, bytes: usize, length: usize): f64 {
  if (operation == TAKE_RANGES) return takeRanges(bytes, length);
  if (operation == ELEMENTS) return encodeElements(argument, bytes, length);
  const hasBegun = begin(openMapOf(handleOf(argument))) && beginNodes();
  switch (operation) {
    case FILL_BATCH:
      return fillBatch(bytes, length, hasBegun);
    case COUNT_BATCH:
      return hasBegun ? countBatch(bytes, length) : -1;
    case INSERT_MANY:
      return hasBegun ? insertMany(bytes, length) : FALL_BACK;
    case GET_MANY:
      return hasBegun ? getMany(bytes, length) : FALL_BACK;
    case REMOVE_MANY:
      return hasBegun ? removeMany(bytes, length) : FALL_BACK;
    default:
      return unreachable();
  }
}
