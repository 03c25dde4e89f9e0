/**
 * Azle's `_azleIc` over the real kernel. In a canister the arrays of JavaScript lie in the heap
 * that the kernel sees; here each has a twin there, copied in before a call and out after it.
 */
import type { AzleIc } from '../../src/lib/kernel-client.js';
import { KernelHost } from './kernel-host.js';

const PAGE_SIZE = 65_536;
const FIRST_ADDRESS = PAGE_SIZE;
const PAGES_AT_A_TIME = 256;

/** With the flag u, a pair is one character and no surrogate. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The frame, and the arrays of an operation in two steps. */
const TWINS_KEPT = 3;

/** The operation by which the kernel learns of an array that both use from then on. */
const USE_TAPE = 40;
const REQUEST_WORD = 1;
const ARGUMENT_LIMIT = 2 ** 46;

interface Twin {
  readonly bytes: Uint8Array;
  readonly address: number;
}

/** Connects a client to a kernel. The host shows what came of it. */
export class FakeAzle implements AzleIc {
  #twins: Twin[] = [];
  #tape: Twin | undefined;
  #nextAddress = FIRST_ADDRESS;
  #endAddress: number;

  constructor(readonly host: KernelHost = KernelHost.createNow()) {
    this.#endAddress = host.heap.buffer.byteLength;
  }

  certifiedDataSet(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError("Error converting from js 'string' into type 'object'");
    }
    const twin = this.#twinOf(bytes);
    if (this.#operation() === USE_TAPE) this.#tape = twin;
    this.#call(() => this.host.kernel.certified_data_set(twin.address, bytes.length));
  }

  debugPrint(text: string): void {
    if (LONE_SURROGATE.test(text)) {
      throw new TypeError('Conversion from string failed: invalid utf-8 sequence');
    }
    const { bytes, address } = this.#twinOf(new TextEncoder().encode(text));
    this.#call(() => this.host.kernel.debug_print(address, bytes.length));
    // The runtime frees the text at once, and somebody else may write there.
    this.#twins.pop();
    this.host.bytes(address, bytes.length).fill(0xff);
  }

  inReplicatedExecution(): boolean {
    return this.#call(() => this.host.kernel.in_replicated_execution()) !== 0;
  }

  msgArgData(): Uint8Array {
    const { kernel } = this.host;
    return this.#reply(kernel.msg_arg_data_size(), kernel.msg_arg_data_copy);
  }

  msgMethodName(): string {
    const { kernel } = this.host;
    const length = this.#call(() => kernel.msg_method_name_size());
    const bytes = this.#reply(length, kernel.msg_method_name_copy);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  }

  #reply(length: number, copy: (target: number, offset: number, length: number) => void) {
    const address = this.#allocate(length);
    copy(address, 0, length);
    return this.host.bytes(address, length).slice();
  }

  #call<T>(work: () => T): T {
    const twins = this.#tape === undefined ? this.#twins : [...this.#twins, this.#tape];
    for (const { bytes, address } of twins) this.host.bytes(address, bytes.length).set(bytes);
    const result = work();
    for (const { bytes, address } of twins) bytes.set(this.host.bytes(address, bytes.length));
    return result;
  }

  /** What the frame asks for. */
  #operation(): number {
    const { buffer } = this.#twins[0]!.bytes;
    return Math.floor(
      new Float64Array(buffer, 0, REQUEST_WORD + 1)[REQUEST_WORD]! / ARGUMENT_LIMIT,
    );
  }

  /** The first array is the frame and stays; of the others the last few are enough. */
  #twinOf(bytes: Uint8Array): Twin {
    const twin = { bytes, address: this.#allocate(bytes.length) };
    this.#twins.push(twin);
    if (this.#twins.length > TWINS_KEPT) this.#twins.splice(1, 1);
    return twin;
  }

  /** Addresses are used once. Where they run out there are new pages: others may be the kernel's. */
  #allocate(length: number): number {
    if (this.#nextAddress + length > this.#endAddress) {
      const pages = Math.ceil(length / PAGE_SIZE) + PAGES_AT_A_TIME;
      this.#nextAddress = this.host.heap.grow(pages) * PAGE_SIZE;
      this.#endAddress = this.#nextAddress + pages * PAGE_SIZE;
    }
    const address = this.#nextAddress;
    this.#nextAddress += length;
    return address;
  }
}
