/**
 * SHA-256 of bytes, and of messages of a known length that are put together in place. The second
 * is what trees of hashes want: their messages are short, of three lengths, and differ in parts,
 * so the end of each is written once.
 *
 *     CODE  OPERATION  DOOR   RESULT
 *       80  sha256     bytes  1; the hash, 32 bytes, is the next reply. 0 where it is to be done in
 *                             JavaScript
 *
 * Source: FIPS 180-4, sections 5.1 and 6.2; `src/lib/sha256.ts`.
 */
import { answer, textStart } from '../frame';
import { replyWith } from '../reply';
import { keep } from '../workspace';
import { prepareRounds, stir } from './block';

export const HASH_SIZE: usize = 32;
export const BLOCK_SIZE: usize = 64;

const LENGTH_SIZE: usize = 8;
const END_MARK: u8 = 0x80;

/** The state, and behind it room for the end of a message; 0 while there is none. */
let state: usize = 0;

/** Makes ready. False where the heap has no room for what is needed. */
export function prepareHashing(): bool {
  if (state == 0 && prepareRounds()) state = keep(HASH_SIZE + 2 * BLOCK_SIZE);
  return state != 0;
}

/** Replies with the hash of the bytes. The text area holds it until it is taken. */
export function replyWithHash(bytes: usize, length: usize): void {
  if (!prepareHashing()) return answer(0);
  sha256(bytes, length, textStart());
  replyWith(textStart(), HASH_SIZE);
  answer(1);
}

/** Puts the hash of the bytes at `target`. PRECONDITION: {@link prepareHashing} was true. */
export function sha256(bytes: usize, length: usize, target: usize): void {
  const end = state + HASH_SIZE;
  const rest = length & (BLOCK_SIZE - 1);
  memory.copy(end, bytes + length - rest, rest);
  const endSize = endMessage(end, rest, length);
  beginHash();
  stirBlocks(bytes, length - rest);
  stirBlocks(end, endSize);
  takeHash(target);
}

/**
 * Writes the end of a message of `length` bytes behind its last `rest` ones, which begin a block
 * at `end`. Returns how many bytes that block, or those two, have.
 */
export function endMessage(end: usize, rest: usize, length: usize): usize {
  const size = rest + 1 + LENGTH_SIZE > BLOCK_SIZE ? 2 * BLOCK_SIZE : BLOCK_SIZE;
  memory.fill(end + rest, 0, size - rest);
  store<u8>(end + rest, END_MARK);
  store<u64>(end + size - LENGTH_SIZE, bswap<u64>((<u64>length) << 3));
  return size;
}

/** Puts at `target` the hash of a message that has its end, which may be where the message is. */
export function hashBlocks(message: usize, size: usize, target: usize): void {
  beginHash();
  stirBlocks(message, size);
  takeHash(target);
}

function beginHash(): void {
  store<u64>(state, 0xbb67ae85_6a09e667);
  store<u64>(state, 0xa54ff53a_3c6ef372, 8);
  store<u64>(state, 0x9b05688c_510e527f, 16);
  store<u64>(state, 0x5be0cd19_1f83d9ab, 24);
}

function stirBlocks(bytes: usize, length: usize): void {
  const end = bytes + length;
  for (let block = bytes; block < end; block += BLOCK_SIZE) stir(state, block);
}

function takeHash(target: usize): void {
  for (let at: usize = 0; at < HASH_SIZE; at += 4) {
    store<u32>(target + at, bswap<u32>(load<u32>(state + at)));
  }
}
