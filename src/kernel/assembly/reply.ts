/**
 * The way back to JavaScript for a text or for bytes whose length only the kernel knows. Some of
 * Azle's functions ask the system for a length, then for as many bytes, and make a string or a
 * typed array of them at once, without a loop in JavaScript. While a reply waits, it is what they
 * are given; then it is over, and they speak of the message again.
 */

/** The waiting reply, in bytes that outlive the two calls; 0 for none. */
let reply: usize = 0;
let replyLength: usize = 0;

/** Sets the reply. For a text the bytes must be valid UTF-8: the runtime expects no others. */
export function replyWith(bytes: usize, length: usize): void {
  reply = bytes;
  replyLength = length;
}

export function isReplyWaiting(): bool {
  return reply != 0;
}

export function replySize(): usize {
  return replyLength;
}

/** Copies the reply, which is then over: the runtime asks once, for all of it. */
export function takeReply(target: usize, offset: usize, length: usize): void {
  if (offset + length > replyLength) unreachable();
  memory.copy(target, reply + offset, length);
  reply = 0;
}
