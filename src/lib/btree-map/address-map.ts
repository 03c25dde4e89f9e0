/**
 * Values by address, for the length of one operation. Most operations touch a handful of
 * addresses, and emptying a `Map` costs more than everything else such an operation does; so few
 * entries are searched one by one, and only many get an index.
 */
const SEARCHED_MAX = 12;

export class AddressMap<T> {
  /** The first `#size` of each are in use: to shorten an array is dear. */
  readonly #addresses: number[] = [];
  readonly #values: (T | undefined)[] = [];
  #size = 0;
  /** Where each address is, once there are many. */
  #index: Map<number, number> | undefined;

  get size(): number {
    return this.#size;
  }

  get(address: number): T | undefined {
    const place = this.#placeOf(address);
    return place < 0 ? undefined : this.#values[place];
  }

  set(address: number, value: T): void {
    const found = this.#placeOf(address);
    const place = found < 0 ? this.#size++ : found;
    this.#addresses[place] = address;
    this.#values[place] = value;
    if (this.#index !== undefined) this.#index.set(address, place);
    else if (this.#size > SEARCHED_MAX) this.#makeIndex();
  }

  /** Takes an address out; the last one takes its place. Returns whether it was there. */
  delete(address: number): boolean {
    const place = this.#placeOf(address);
    if (place < 0) return false;
    const last = --this.#size;
    const lastAddress = this.#addresses[last]!;
    this.#addresses[place] = lastAddress;
    this.#values[place] = this.#values[last];
    this.#values[last] = undefined;
    this.#index?.set(lastAddress, place);
    this.#index?.delete(address);
    return true;
  }

  /** Visits all values, in no particular order. */
  forEach(visit: (value: T, address: number) => void): void {
    for (let place = 0; place < this.#size; place++) {
      visit(this.#values[place]!, this.#addresses[place]!);
    }
  }

  clear(): void {
    for (let place = 0; place < this.#size; place++) this.#values[place] = undefined;
    this.#size = 0;
    this.#index = undefined;
  }

  #placeOf(address: number): number {
    if (this.#index !== undefined) return this.#index.get(address) ?? -1;
    for (let place = 0; place < this.#size; place++) {
      if (this.#addresses[place] === address) return place;
    }
    return -1;
  }

  #makeIndex(): void {
    this.#index = new Map();
    for (let place = 0; place < this.#size; place++) {
      this.#index.set(this.#addresses[place]!, place);
    }
  }
}
