/**
 * What the kernel does for Candid. Messages that it is not certain of it hands back with -1, and
 * JavaScript's own codec takes them.
 *
 *     CODE  OPERATION        DOOR   ARGUMENT  RESULT
 *       40  use tape         bytes            0; the bytes are the tape from now on
 *       41  use program      bytes            their address, which names the program
 *       42  decode argument  none   program   the length of the joined texts, which are the next
 *                                             reply unless they are empty; or minus the slots that
 *                                             the tape would need; or -1
 *       43  decode message   bytes  program   the same, of these bytes
 *       44  put bytes        bytes  offset    0; they are in the arena, behind `offset` others
 *       45  encode message   text   program   its length, and the message is the next reply; or -1;
 *                                             the text is all texts of the message
 *       46  reply            text   program   its length, and the message was replied with; or -1
 */
import { answer, argumentOf, operationOf } from '../frame';
import * as ic0 from '../ic0';
import { replyWith } from '../reply';
import { arenaStart, reserve } from './arena';
import { decode, FALL_BACK } from './decode';
import { encode, encodedEnd, putBytes } from './encode';
import { setTape } from './tape';

const USE_TAPE: u32 = 40;
const USE_PROGRAM: u32 = 41;
const DECODE_ARGUMENT: u32 = 42;
const DECODE_MESSAGE: u32 = 43;
const PUT_BYTES: u32 = 44;
const ENCODE_MESSAGE: u32 = 45;
const REPLY: u32 = 46;

/** Operations that need no bytes. */
export function performCandid(request: u64): void {
  if (operationOf(request) != DECODE_ARGUMENT) unreachable();
  const length = ic0.msg_arg_data_size();
  if (!reserve(length, 0)) return answer(FALL_BACK);
  ic0.msg_arg_data_copy(arenaStart(), 0, length);
  answer(decode(<usize>argumentOf(request), arenaStart(), length));
}

/** Operations on the bytes of a typed array. */
export function performCandidOnBytes(request: u64, bytes: usize, length: usize): void {
  switch (operationOf(request)) {
    case USE_TAPE:
      setTape(bytes, length);
      return answer(0);
    case USE_PROGRAM:
      return answer(<f64>bytes);
    case DECODE_MESSAGE:
      return decodeCopy(<usize>argumentOf(request), bytes, length);
    case PUT_BYTES:
      putBytes(bytes, length, <usize>argumentOf(request));
      return answer(0);
    default:
      unreachable();
  }
}

/** Operations on the joined texts of a message. */
export function performCandidOnText(request: u64, text: usize, length: usize): void {
  const operation = operationOf(request);
  if (operation != ENCODE_MESSAGE && operation != REPLY) unreachable();
  const message = encode(<usize>argumentOf(request), text, length);
  if (message == 0) return answer(FALL_BACK);
  const size = encodedEnd() - message;
  if (operation == ENCODE_MESSAGE) replyWith(message, size);
  else replyToCaller(message, size);
  answer(<f64>size);
}

/** Decoding moves texts within the message, and this one is the caller's. */
function decodeCopy(program: usize, bytes: usize, length: usize): void {
  if (!reserve(length, 0)) return answer(FALL_BACK);
  memory.copy(arenaStart(), bytes, length);
  answer(decode(program, arenaStart(), length));
}

function replyToCaller(message: usize, size: usize): void {
  ic0.msg_reply_data_append(message, size);
  ic0.msg_reply();
}
