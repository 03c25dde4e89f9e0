/**
 * Randomness as an input: the stream SHA-256(seed, 0), SHA-256(seed, 1), … Two replicas with one
 * seed that are told the same things do the same things.
 *
 * Source: house style rule 25.
 */
import type { Host } from './host.js';

export class Randomness {
  readonly #host: Host;
  readonly #seed: Uint8Array;
  #counter: number;

  constructor(host: Host, seed: Uint8Array, counter = 0) {
    this.#host = host;
    this.#seed = seed;
    this.#counter = counter;
  }

  /** How many times it was asked. */
  get counter(): number {
    return this.#counter;
  }

  /** The next 32 bytes of the stream. */
  next(): Uint8Array {
    const counter = new TextEncoder().encode(`:${this.#counter++}`);
    return this.#host.sha256(this.#seed, counter);
  }
}
