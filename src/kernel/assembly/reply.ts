/**
 * The way a text goes back to JavaScript: the runtime makes a string of what
 * `ic0.msg_method_name_size` and `ic0.msg_method_name_copy` give it, at once and without a loop in
 * JavaScript. While a reply waits, these two speak of it; then of the method's name again.
 */
import * as ic0 from './ic0';

/** The waiting text, in the bytes that JavaScript gave; 0 for none. */
let text: usize = 0;
let textLength: usize = 0;

/** Sets the next reply. The bytes must be valid UTF-8, for the runtime does not expect others. */
export function replyWith(bytes: usize, length: usize): void {
  text = bytes;
  textLength = length;
}

export function replySize(): usize {
  return text == 0 ? ic0.msg_method_name_size() : textLength;
}

/** Copies a part of the reply, which is then over: the runtime asks once, for all of it. */
export function replyCopy(target: usize, offset: usize, length: usize): void {
  if (text == 0) return ic0.msg_method_name_copy(target, offset, length);
  if (offset + length > textLength) unreachable();
  memory.copy(target, text + offset, length);
  text = 0;
}
