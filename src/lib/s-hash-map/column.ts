/**
 * A column of a table: items of one width, one for each slot. It is a ring: behind the last slot
 * comes slot 0 again, so what is read or written here are the slots that a search passes.
 */

/** Bytes at addresses; an allocator is such. */
export interface AddressedBytes {
  readBytes(address: number, target: Uint8Array): void;
  writeBytes(address: number, source: Uint8Array): void;
}

export class Column {
  constructor(
    readonly bytes: AddressedBytes,
    readonly address: number,
    readonly width: number,
    readonly capacity: number,
  ) {}

  /** The items of `count` slots from `slot` on, one behind another. O(count * width). */
  read(slot: number, count: number): Uint8Array {
    const items = new Uint8Array(count * this.width);
    this.#inPieces(slot, items, (address, piece) => this.bytes.readBytes(address, piece));
    return items;
  }

  /** Overwrites the slots from `slot` on, as many as there are items. O(bytes). */
  write(slot: number, items: Uint8Array): void {
    this.#inPieces(slot, items, (address, piece) => this.bytes.writeBytes(address, piece));
  }

  /** Where the item of a slot lies. */
  addressOf(slot: number): number {
    return this.address + slot * this.width;
  }

  /** PRECONDITION: there are no more items than slots, so that two pieces are enough. */
  #inPieces(
    slot: number,
    items: Uint8Array,
    visit: (address: number, piece: Uint8Array) => void,
  ): void {
    const sizeToEnd = (this.capacity - slot) * this.width;
    if (items.length <= sizeToEnd) {
      if (items.length > 0) visit(this.addressOf(slot), items);
      return;
    }
    visit(this.addressOf(slot), items.subarray(0, sizeToEnd));
    visit(this.address, items.subarray(sizeToEnd));
  }
}
