/**
 * Text in the staging area, where keys and values lie in UTF-8. It comes in and goes out by one
 * call of the runtime's each, without an array of JavaScript's in between.
 */
import { answer, stagingLength, stagingStart } from './frame';
import { replyWith } from './reply';
import { validUtf8Length } from './utf8';

/** A range in one argument: start * 2^23 + length. The staging area is shorter than 2^23 bytes. */
const LENGTH_BITS: u64 = 23;
const LENGTH_MASK: u64 = (1 << LENGTH_BITS) - 1;

/** Copies a text to an offset. Answers where it ends; -1, and copies nothing, without room. */
export function stageText(text: usize, length: usize, offset: u64): void {
  const end = offset + <u64>length;
  if (end > <u64>stagingLength()) return answer(-1);
  memory.copy(stagingStart() + <usize>offset, text, length);
  answer(<f64>end);
}

/** Replies with the text of a range: 1; or with an empty one, where it is not valid UTF-8: 0. */
export function stagedText(range: u64): void {
  const start = range >> LENGTH_BITS;
  const length = range & LENGTH_MASK;
  if (start + length > <u64>stagingLength()) unreachable();
  textOf(stagingStart() + <usize>start, <usize>length);
}

/** As {@link stagedText}, of bytes anywhere. */
export function textIn(bytes: usize, length: usize, range: u64): void {
  const start = range >> LENGTH_BITS;
  const size = range & LENGTH_MASK;
  if (start + size > <u64>length) unreachable();
  textOf(bytes + <usize>start, <usize>size);
}

function textOf(bytes: usize, length: usize): void {
  const isValid = validUtf8Length(bytes, length) == length;
  replyWith(bytes, isValid ? length : 0);
  answer(isValid ? 1 : 0);
}
