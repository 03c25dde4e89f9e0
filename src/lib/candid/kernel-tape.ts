/**
 * JavaScript's side of the kernel's Candid. Between a message and its values stands the tape: an
 * array of numbers in which each value has its slots, in the order of the message. The kernel turns
 * the bytes of a message into the tape, and back; to load or store a number is the cheapest thing
 * that JavaScript can do. All texts of a message travel joined in one, for a call carries a long
 * text almost as cheaply as a short one; all other bytes lie in the message itself.
 *
 *     TYPE                         ON THE TAPE
 *     null, reserved               nothing
 *     bool                         0 or 1
 *     nat8 to nat32, int8 to       the number, f64
 *     int32, float32, float64
 *     nat64, int64                 the number, 64 bits
 *     nat, int                     0, then the number, 64 bits; or for a longer one the size of its
 *                                  LEB128, then the offset of that in the message, f64
 *     text                         its length in UTF-16
 *     principal                    the length; the offset in the message
 *     packed vec                   the number of elements; the offset of the first in the message
 *     opt                          0 or 1; what is within
 *     vec                          the number of elements; the elements
 *     vec that is encoded          -1 minus the number of elements; how many bytes they are
 *     record                       the fields
 *     variant                      the index of the case; what is within
 *
 * On the way to the kernel there are no offsets, but the slots are there: the bytes are put, one
 * after the other. Only on that way is a vec encoded already. The tape begins with room for a page
 * of records and grows to what the largest message so far needed, at most two slots for each of its
 * bytes.
 *
 * Source: `src/kernel/assembly/candid/tape.ts`, the same table.
 */
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';

const USE_TAPE = 40 * ARGUMENT_LIMIT;
const USE_PROGRAM = 41 * ARGUMENT_LIMIT;
const DECODE_ARGUMENT = 42 * ARGUMENT_LIMIT;
const DECODE_MESSAGE = 43 * ARGUMENT_LIMIT;
const PUT_BYTES = 44 * ARGUMENT_LIMIT;
const ENCODE_MESSAGE = 45 * ARGUMENT_LIMIT;
const REPLY = 46 * ARGUMENT_LIMIT;

/** What the kernel answers for a message that it leaves to the codec in TypeScript. */
const FALL_BACK = -1;

const NO_BYTES = new Uint8Array(0);

/** 32 KiB. */
const FIRST_SLOT_COUNT = 4096;

/** The tape, and what the kernel does with it. There is one, for the kernel uses one. */
export class Tape {
  /** The slots, under each of the types that a number may have in them. */
  numbers!: Float64Array;
  unsigned!: BigUint64Array;
  signed!: BigInt64Array;

  /** Whether values are being written: a getter among them might want to use the tape as well. */
  isBusy = false;

  readonly #kernel: Kernel;

  constructor(kernel: Kernel, slotCount = FIRST_SLOT_COUNT) {
    this.#kernel = kernel;
    this.#make(slotCount);
  }

  /** Makes the tape long enough for so many slots. What was on it is gone. */
  lengthen(slotCount: number): void {
    if (slotCount > this.numbers.length) this.#make(Math.max(slotCount, 2 * this.numbers.length));
  }

  /** Shows the kernel a program, which must be kept alive. Returns the name that it has there. */
  use(program: Uint8Array): number {
    return this.#kernel.askWithBytes(USE_PROGRAM, program);
  }

  /**
   * Puts the argument of this call on the tape. Returns its joined texts, or `undefined` where the
   * kernel is not certain. O(size), in Wasm.
   */
  decodeArgument(program: number): string | undefined {
    const result = this.#kernel.ask(DECODE_ARGUMENT + program);
    if (result >= 0) return this.#texts(result);
    if (result === FALL_BACK) return undefined;
    this.lengthen(-result);
    return this.decodeArgument(program);
  }

  /** As {@link decodeArgument}, for any message. */
  decodeMessage(program: number, message: Uint8Array): string | undefined {
    const result = this.#kernel.askWithBytes(DECODE_MESSAGE + program, message);
    if (result >= 0) return this.#texts(result);
    if (result === FALL_BACK) return undefined;
    this.lengthen(-result);
    return this.decodeMessage(program, message);
  }

  /** The argument of this call. */
  argument(): Uint8Array {
    return this.#kernel.takeBytes();
  }

  /** Hands over bytes of the message to come, of which `offset` were before. */
  put(bytes: Uint8Array, offset: number): void {
    this.#kernel.askWithBytes(PUT_BYTES + offset, bytes);
  }

  /** There will be no message with the bytes that were handed over. */
  forgetBytes(): void {
    this.put(NO_BYTES, 0);
  }

  /** The message of what is on the tape, or `undefined` where the kernel is not certain. */
  encode(program: number, texts: string): Uint8Array | undefined {
    return this.#give(ENCODE_MESSAGE + program, texts) ? this.#kernel.takeBytes() : undefined;
  }

  /** Replies to this call with what is on the tape. Returns false where nothing was done. */
  reply(program: number, texts: string): boolean {
    return this.#give(REPLY + program, texts);
  }

  /** Azle refuses texts with unpaired surrogates, which UTF-8 does not have. */
  #give(request: number, texts: string): boolean {
    try {
      return this.#kernel.askWithText(request, texts) !== FALL_BACK;
    } catch {
      return false;
    }
  }

  #texts(length: number): string {
    return length === 0 ? '' : this.#kernel.takeText();
  }

  #make(slotCount: number): void {
    const numbers = new Float64Array(slotCount);
    this.#kernel.askWithBytes(USE_TAPE, new Uint8Array(numbers.buffer));
    this.numbers = numbers;
    this.unsigned = new BigUint64Array(numbers.buffer);
    this.signed = new BigInt64Array(numbers.buffer);
  }
}
