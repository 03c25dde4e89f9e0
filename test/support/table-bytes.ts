/** Bytes at addresses without an allocator, for tests of tables; what is not theirs is 0xff. */
import type { AddressedBytes } from '../../src/lib/s-hash-map/column.js';

export class TableBytes implements AddressedBytes {
  readonly bytes: Uint8Array;
  reads = 0;
  writes = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size).fill(0xff);
  }

  readBytes(address: number, target: Uint8Array): void {
    this.reads += 1;
    this.#assertWithin(address, target);
    target.set(this.bytes.subarray(address, address + target.length));
  }

  writeBytes(address: number, source: Uint8Array): void {
    this.writes += 1;
    this.#assertWithin(address, source);
    this.bytes.set(source, address);
  }

  #assertWithin(address: number, { length }: Uint8Array): void {
    if (address < 0 || address + length > this.bytes.length) throw new RangeError('out of bounds');
  }
}
