/**
 * The kernel by itself, in a plain Wasm memory and over a host that has stable memory and writes
 * down which real system calls were made.
 */
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { concatBytes } from '../../src/lib/bytes.js';
import { compiledKernel } from './compiled-kernel.js';

/** What a trap becomes in these tests. */
export class Trap extends Error {
  override readonly name = 'Trap';
}

/** The kernel's exports: what stands in front of the system calls of the same names. */
export interface KernelExports {
  certified_data_set(source: number, length: number): void;
  debug_print(source: number, length: number): void;
  in_replicated_execution(): number;
  msg_arg_data_size(): number;
  msg_arg_data_copy(target: number, offset: number, length: number): void;
  msg_method_name_size(): number;
  msg_method_name_copy(target: number, offset: number, length: number): void;
  stable64_grow(pages: bigint): bigint;
  stable64_write(offset: bigint, source: bigint, length: bigint): void;
}

/** Compiling the kernel may take long on a busy machine; it happens once for a set of sources. */
export const COMPILE_TIMEOUT_MS = 120_000;

/** What a heap begins with, and what Wasm allows. */
export const HEAP_SIZE_IN_PAGES = 256;
const HEAP_SIZE_IN_PAGES_MAX = 65_536;

const NO_ARGUMENTS = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0, 0);
const METHOD_NAME = new TextEncoder().encode('greet');

let compiled: WebAssembly.Module | undefined;

/** A kernel and its host, both new. */
export class KernelHost {
  readonly heap: WebAssembly.Memory;
  /** What the call that is under way was made with, and what was replied to it. */
  argument: Uint8Array = NO_ARGUMENTS;
  readonly replies: Uint8Array[] = [];
  /** The real system calls that changed or told something, in order. */
  readonly calls: string[] = [];
  readonly kernel: KernelExports;

  private constructor(
    module: WebAssembly.Module,
    readonly stable: VectorMemory,
    heapPagesMax: number,
  ) {
    const heapSize = { initial: HEAP_SIZE_IN_PAGES, maximum: heapPagesMax };
    this.heap = new WebAssembly.Memory(heapSize);
    const imports = { env: { memory: this.heap }, ic0: this.#systemCalls() };
    this.kernel = new WebAssembly.Instance(module, imports).exports as unknown as KernelExports;
  }

  static async create(pagesMax = 20): Promise<KernelHost> {
    await KernelHost.compile();
    return KernelHost.createNow(pagesMax);
  }

  /** As {@link create}, once {@link compile} is through. */
  static createNow(pagesMax = 20, heapPagesMax = HEAP_SIZE_IN_PAGES_MAX): KernelHost {
    return KernelHost.over(new VectorMemory(pagesMax), heapPagesMax);
  }

  /** As after an upgrade: all is new but the stable memory. PRECONDITION: {@link compile}. */
  static over(stable: VectorMemory, heapPagesMax = HEAP_SIZE_IN_PAGES_MAX): KernelHost {
    return new KernelHost(compiled!, stable, heapPagesMax);
  }

  static async compile(): Promise<void> {
    compiled ??= new WebAssembly.Module((await compiledKernel()) as BufferSource);
  }

  /** A view of the heap; good until the heap grows. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.heap.buffer, address, length);
  }

  text(address: number, length: number): string {
    return new TextDecoder().decode(this.bytes(address, length));
  }

  #systemCalls(): WebAssembly.ModuleImports {
    const copy = (bytes: () => Uint8Array) => (target: number, offset: number, length: number) =>
      this.bytes(target, length).set(bytes().subarray(offset, offset + length));
    const reply: Uint8Array[] = [];
    return {
      certified_data_set: (_source: number, length: number) =>
        this.calls.push(`certified_data_set of ${length} bytes`),
      debug_print: (source: number, length: number) =>
        this.calls.push(`debug_print ${this.text(source, length)}`),
      in_replicated_execution: () => 1,
      msg_arg_data_size: () => this.argument.length,
      msg_arg_data_copy: copy(() => this.argument),
      msg_method_name_size: () => METHOD_NAME.length,
      msg_method_name_copy: copy(() => METHOD_NAME),
      msg_reply_data_append: (source: number, length: number) =>
        reply.push(this.bytes(source, length).slice()),
      msg_reply: () => this.replies.push(concatBytes(...reply.splice(0))),
      stable64_size: () => BigInt(this.stable.size()),
      stable64_grow: (pages: bigint) => BigInt(this.stable.grow(Number(pages))),
      stable64_read: (target: bigint, offset: bigint, length: bigint) =>
        this.stable.read(Number(offset), this.bytes(Number(target), Number(length))),
      stable64_write: (offset: bigint, source: bigint, length: bigint) =>
        this.stable.write(Number(offset), this.bytes(Number(source), Number(length))),
      trap: (message: number, length: number) => {
        throw new Trap(this.text(message, length));
      },
    };
  }
}
