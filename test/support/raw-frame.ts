/**
 * The kernel's frame as bytes in its heap, written by hand: for tests of what a client would never
 * do, and of what it does, step by step. The table is in `src/kernel/assembly/frame.ts`.
 */
import type { KernelHost } from './kernel-host.js';

export const Operation = {
  size: 1,
  grow: 2,
  read: 3,
  write: 4,
  encode: 5,
  encodeInto: 6,
  encodedText: 7,
  decode: 8,
  compare: 9,
  compareWith: 10,
  attach: 11,
  stageText: 60,
  stagedText: 61,
  textIn: 62,
  planRecords: 63,
  readRecord: 64,
  writeRecord: 65,
} as const;

export const FRAME_ADDRESS = 65_536;
export const HEADER_SIZE = 64;
export const TEXT_SIZE = 256;
export const FRAME_SIZE = HEADER_SIZE + TEXT_SIZE;

const MAGIC = 'SSK\x01';
const ABI_VERSION_OFFSET = 4;
const REQUEST_OFFSET = 8;
const RESULT_OFFSET = 16;

export class RawFrame {
  constructor(
    readonly host: KernelHost,
    readonly address = FRAME_ADDRESS,
  ) {}

  /** A frame that is registered. */
  static register(host: KernelHost, address = FRAME_ADDRESS): RawFrame {
    const frame = new RawFrame(host, address);
    frame.writeMagic();
    host.kernel.certified_data_set(address, FRAME_SIZE);
    return frame;
  }

  writeMagic(): void {
    this.host.bytes(this.address, MAGIC.length).set(Buffer.from(MAGIC, 'latin1'));
  }

  get abiVersion(): number {
    return this.#view.getUint32(ABI_VERSION_OFFSET, true);
  }

  get request(): number {
    return this.#view.getFloat64(REQUEST_OFFSET, true);
  }

  get result(): number {
    return this.#view.getFloat64(RESULT_OFFSET, true);
  }

  ask(operation: number, argument = 0): void {
    this.askRaw(operation * 2 ** 46 + argument);
  }

  askRaw(request: number): void {
    this.#view.setFloat64(REQUEST_OFFSET, request, true);
  }

  get #view(): DataView {
    return new DataView(this.host.heap.buffer, this.address, FRAME_SIZE);
  }
}

/** Puts bytes into the heap at `address`, for a call that takes address and length. */
export function place(host: KernelHost, address: number, bytes: Uint8Array): [number, number] {
  host.bytes(address, bytes.length).set(bytes);
  return [address, bytes.length];
}
