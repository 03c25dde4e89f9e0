/**
 * The frame: the few bytes that JavaScript and the kernel share. JavaScript allocates it, registers
 * it once, and from then on asks with a single store into `request`.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  magic "SSK" and 1, written by JavaScript before it registers the frame
 *          4     4  ABI version, written by the kernel when it accepts the frame; before that 0
 *          8     8  request, f64: operation * 2^46 + argument; 0 while there is none
 *         16     8  result, f64: what the last operation answered
 *         24    40  operands, f64 each: what does not fit into the argument
 *         64  4096  text area: room for a text on its way
 *       4160        staging area, up to the frame's end: room for keys and values on their way
 *
 * Request and result are floating-point, because that is what a JavaScript number is: one store
 * carries an operation together with a 46-bit argument, and stores are what costs in an
 * interpreter. The client in `src/lib/kernel-client.ts` has the same table.
 */
const MAGIC: u32 = 0x01_4b_53_53;
const ABI_VERSION: u32 = 2;

const MAGIC_OFFSET: usize = 0;
const ABI_VERSION_OFFSET: usize = MAGIC_OFFSET + 4;
const REQUEST_OFFSET: usize = ABI_VERSION_OFFSET + 4;
const RESULT_OFFSET: usize = REQUEST_OFFSET + 8;
const OPERANDS_OFFSET: usize = RESULT_OFFSET + 8;
const TEXT_OFFSET: usize = OPERANDS_OFFSET + 40;
const TEXT_SIZE: usize = 4096;
const STAGING_OFFSET: usize = TEXT_OFFSET + TEXT_SIZE;

const ARGUMENT_BITS: u64 = 46;
const ARGUMENT_MASK: u64 = (1 << ARGUMENT_BITS) - 1;

/** Where the registered frame lies; 0 while there is none. */
let frame: usize = 0;
let frameLength: usize = 0;

/**
 * Takes this buffer for the frame, if it is one: with the header's length at least, which is more
 * than certified data may have, and with the magic. A second frame is refused (its ABI version
 * stays 0), because the first client would go on writing requests that nobody reads. Returns
 * whether the buffer was a frame.
 */
export function register(buffer: usize, length: usize): bool {
  if (length < TEXT_OFFSET || load<u32>(buffer + MAGIC_OFFSET) != MAGIC) return false;
  if (frame == 0 || frame == buffer) {
    frame = buffer;
    frameLength = length;
    store<u32>(buffer + ABI_VERSION_OFFSET, ABI_VERSION);
  }
  return true;
}

/**
 * The pending request as an integer, 0 for none. A request that is no number, negative or above
 * 2^64 traps in the conversion: it can only come from a damaged frame.
 */
export function pendingRequest(): u64 {
  return frame == 0 ? 0 : <u64>load<f64>(frame + REQUEST_OFFSET);
}

export function operationOf(request: u64): u32 {
  return <u32>(request >> ARGUMENT_BITS);
}

export function argumentOf(request: u64): u64 {
  return request & ARGUMENT_MASK;
}

/** An operand, which may be any number. */
export function operandOf(index: u32): f64 {
  return load<f64>(frame + OPERANDS_OFFSET + <usize>index * 8);
}

/** Where the text area begins. */
export function textStart(): usize {
  return frame + TEXT_OFFSET;
}

/** Less than the table says where the frame is smaller. */
export function textLength(): usize {
  return min(TEXT_SIZE, frameLength - TEXT_OFFSET);
}

/** Where the staging area begins. */
export function stagingStart(): usize {
  return frame + STAGING_OFFSET;
}

/** 0 where the frame ends before. */
export function stagingLength(): usize {
  return frameLength > STAGING_OFFSET ? frameLength - STAGING_OFFSET : 0;
}

/** Ends the request. */
export function answer(result: f64): void {
  store<f64>(frame + RESULT_OFFSET, result);
  store<f64>(frame + REQUEST_OFFSET, 0);
}

/** Leaves the request pending, now at another operation: its second step. */
export function awaitNext(operation: u32): void {
  store<f64>(frame + REQUEST_OFFSET, <f64>((<u64>operation) << ARGUMENT_BITS));
}
