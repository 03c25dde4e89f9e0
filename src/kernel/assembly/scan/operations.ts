/**
 * What the kernel does on many entries of a map at once. The argument has the map's
 * handle where `tree/operations.ts` has it; the bytes are a batch, whose table is in `batch.ts`.
 *
 *     CODE  OPERATION    DOOR   RESULT
 *       32  fill batch   bytes  how many entries were handed over; the batch says what is next
 *       33  count batch  bytes  how many entries the batch's range has, or -1: JavaScript counts
 */
import { openMapOf } from '../tree/open-map';
import { begin } from '../tree/plan';
import { handleOf } from '../tree/operations';
import { beginNodes } from '../tree/read';
import { countBatch, fillBatch } from './batch';

const FILL_BATCH: u32 = 32;
const COUNT_BATCH: u32 = 33;

/** Whether an operation is one of these. */
export function isOnBatch(operation: u32): bool {
  return operation >= FILL_BATCH && operation <= COUNT_BATCH;
}

/** Carries out an operation on a batch; returns its result. */
export function performOnBatch(operation: u32, argument: u64, batch: usize, length: usize): f64 {
  const hasBegun = begin(openMapOf(handleOf(argument))) && beginNodes();
  if (operation == COUNT_BATCH) return hasBegun ? countBatch(batch, length) : -1;
  return fillBatch(batch, length, hasBegun);
}
