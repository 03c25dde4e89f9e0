/**
 * The least of a host in which a canister that Azle built runs: stable memory, an argument, a
 * reply, traps. It undoes nothing, so a test that traps throws the host away. The replica in
 * `src/replica` is the real thing; this one keeps the tests of the kernel from depending on it.
 */
import { IDL } from '@dfinity/candid';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { Trap } from './kernel-host.js';

const NO_ARGUMENTS = new Uint8Array(IDL.encode([], []));

type Export = (...args: unknown[]) => void;

export class CanisterHost {
  readonly stable = new VectorMemory();
  readonly printed: string[] = [];
  readonly certified: Uint8Array[] = [];
  readonly #exports: Record<string, Export> & { readonly memory: WebAssembly.Memory };
  #reply = new Uint8Array(0);

  private constructor(module: WebAssembly.Module) {
    const ic0 = new Proxy(this.#systemCalls(), {
      get: (calls, name) => Reflect.get(calls, name) ?? (() => 0),
    });
    this.#exports = new WebAssembly.Instance(module, { ic0 }).exports as never;
  }

  /** A canister that has been installed. Throws `Trap` where that fails. */
  static install(wasm: Uint8Array): CanisterHost {
    const host = new CanisterHost(new WebAssembly.Module(wasm as BufferSource));
    host.#exports['canister_init']!();
    return host;
  }

  /** Calls a query that takes nothing and returns a text. Throws `Trap` where it traps. */
  query(method: string): string {
    this.#exports[`canister_query ${method}`]!();
    return IDL.decode([IDL.Text], this.#reply)[0] as string;
  }

  #bytes(address: number | bigint, length: number | bigint): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, Number(address), Number(length));
  }

  #text(address: number, length: number): string {
    return new TextDecoder().decode(this.#bytes(address, length));
  }

  #systemCalls(): WebAssembly.ModuleImports {
    return {
      ...this.#stableCalls(),
      canister_version: () => 1n,
      certified_data_set: (address: number, length: number) =>
        this.certified.push(this.#bytes(address, length).slice()),
      debug_print: (address: number, length: number) =>
        this.printed.push(this.#text(address, length)),
      global_timer_set: () => 0n,
      in_replicated_execution: () => 1,
      msg_arg_data_size: () => NO_ARGUMENTS.length,
      msg_arg_data_copy: (target: number, offset: number, length: number) =>
        this.#bytes(target, length).set(NO_ARGUMENTS.subarray(offset, offset + length)),
      msg_reply_data_append: (address: number, length: number) => {
        this.#reply = this.#bytes(address, length).slice();
      },
      performance_counter: () => 0n,
      time: () => 0n,
      trap: (address: number, length: number) => {
        throw new Trap(this.#text(address, length));
      },
    };
  }

  #stableCalls(): WebAssembly.ModuleImports {
    return {
      stable64_size: () => BigInt(this.stable.size()),
      stable64_grow: (pages: bigint) => BigInt(this.stable.grow(Number(pages))),
      stable64_read: (target: bigint, offset: bigint, length: bigint) =>
        this.stable.read(Number(offset), this.#bytes(target, length)),
      stable64_write: (offset: bigint, source: bigint, length: bigint) =>
        this.stable.write(Number(offset), this.#bytes(source, length)),
    };
  }
}
