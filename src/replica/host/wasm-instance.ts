/**
 * A canister's heap, living in a V8 instance. V8 can neither undo what a message did nor shrink a
 * memory, so this class keeps an image of the heap and of the mutable globals as they were at the
 * last commit: commit copies the heap into the image, roll-back copies the image into the heap, and
 * where the heap has grown since, roll-back begins with a new V8 instance. One copy per message.
 *
 * Not restored are changes of the function table by `table.set` and its like, and dropped segments;
 * compilers for canisters make neither.
 *
 * Source: specs/replica.md section 4.2, "Trap implementation in V8".
 */
import { WASM_PAGE_SIZE } from '../../lib/memory.js';
import { modeWord, type EntryPoint } from '../entry-point.js';
import type { CanisterInstance, GlobalType, InstanceImage, SystemCall } from '../host.js';
import { IC0 } from '../ic0.js';
import type { MessageExecution } from '../message-execution.js';
import { ErrorCode } from '../rejection.js';
import { StableMemory } from '../stable-memory.js';
import { contractViolation, TrapSignal, type Trap } from '../trap.js';
import { GLOBAL_EXPORT_PREFIX, MEMORY_EXPORT, TABLE_EXPORT } from './expose.js';
import { trapOf } from './v8-trap.js';

/** The heap and the mutable globals at the last commit. */
interface Image {
  heap: Uint8Array;
  globals: unknown[];
}

/** What an instance offers to its host. */
interface Handles {
  readonly exports: WebAssembly.Exports;
  readonly memory: WebAssembly.Memory | undefined;
  readonly table: WebAssembly.Table | undefined;
  /** The mutable globals, which a roll-back restores. */
  readonly globals: readonly WebAssembly.Global[];
  readonly stateGlobals: readonly StateGlobal[];
}

/** A global that belongs to the state of a canister, see `expose.ts`. */
interface StateGlobal {
  readonly global: WebAssembly.Global;
  readonly mutable: boolean;
  readonly type: GlobalType;
}

export class WasmInstance implements CanisterInstance {
  readonly #module: WebAssembly.Module;
  #handles: Handles;
  #heap = new Uint8Array(0);
  #image: Image;
  #message: MessageExecution | undefined;

  /** Throws what V8 throws where the module's segments do not fit. */
  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.#handles = this.#instantiate();
    this.#image = { heap: this.heap.slice(), globals: this.#globalValues() };
  }

  get heap(): Uint8Array {
    const buffer = this.#handles.memory?.buffer;
    if (buffer !== undefined && this.#heap.buffer !== buffer) this.#heap = new Uint8Array(buffer);
    return this.#heap;
  }

  run(entry: EntryPoint, message: MessageExecution): Trap | undefined {
    this.#message = message;
    try {
      if (entry.kind === 'export') (this.#handles.exports[entry.name] as () => void)();
      else this.#tableFunction(entry.index)(entry.environment);
      return undefined;
    } catch (thrown) {
      return trapOf(thrown);
    } finally {
      this.#message = undefined;
    }
  }

  commit(): void {
    const heap = this.heap;
    if (this.#image.heap.length === heap.length) this.#image.heap.set(heap);
    else this.#image.heap = heap.slice();
    this.#image.globals = this.#globalValues();
  }

  rollback(): void {
    if (this.heap.length !== this.#image.heap.length) this.#handles = this.#instantiate();
    this.#loadHeap(this.#image.heap);
    this.#handles.globals.forEach((global, index) => {
      global.value = this.#image.globals[index];
    });
  }

  fork(): CanisterInstance {
    const twin = new WasmInstance(this.#module);
    twin.#image = { heap: this.#image.heap.slice(), globals: this.#image.globals };
    twin.rollback();
    return twin;
  }

  replaceHeap(heap: Uint8Array): void {
    this.#loadHeap(heap);
  }

  get globalCount(): number {
    return this.#handles.stateGlobals.length;
  }

  image(): InstanceImage {
    const globals = this.#handles.stateGlobals.map(({ type, global }) => ({
      type,
      value: global.value as number | bigint,
    }));
    return { heap: StableMemory.fromBytes(this.#image.heap), globals };
  }

  restore({ heap, globals }: InstanceImage): string | undefined {
    const own = this.#handles.stateGlobals;
    const matching = globals.every(({ type }, index) => own[index]?.type === type);
    if (!matching || globals.length !== own.length) {
      return 'the globals are not those of the module';
    }
    if (!this.#resizeHeap(heap.size)) return 'the heap is not of a size that the module allows';
    heap.copyTo(this.heap);
    own.forEach(({ global, mutable }, index) => {
      if (mutable) global.value = globals[index]!.value;
    });
    return undefined;
  }

  /** A heap never shrinks. It may be as large as the module says, or as the machine allows. */
  #resizeHeap(pages: number): boolean {
    const missing = pages - this.heap.length / WASM_PAGE_SIZE;
    if (missing === 0) return true;
    if (missing < 0 || this.#handles.memory === undefined) return false;
    try {
      this.#handles.memory.grow(missing);
      return true;
    } catch {
      return false; // V8 throws where the memory has reached its maximum.
    }
  }

  #loadHeap(heap: Uint8Array): void {
    const missing = heap.length - this.heap.length;
    if (missing > 0) this.#handles.memory!.grow(missing / WASM_PAGE_SIZE);
    this.heap.set(heap);
  }

  #globalValues(): unknown[] {
    return this.#handles.globals.map((global) => global.value as unknown);
  }

  /** Callbacks take one number, their environment, and return nothing. */
  #tableFunction(index: number): (environment: number) => void {
    const { table } = this.#handles;
    const found = table !== undefined && index < table.length ? table.get(index) : null;
    if (typeof found === 'function' && found.length === 1) {
      return found as (environment: number) => void;
    }
    throw new TrapSignal({
      errorCode: ErrorCode.functionNotFound,
      text: `Canister requested function ${index} of its table, which is no callback`,
    });
  }

  #instantiate(): Handles {
    const ic0: Record<string, (...values: (number | bigint)[]) => unknown> = {};
    for (const { name } of WebAssembly.Module.imports(this.#module)) {
      ic0[name] = this.#import(name, IC0[name]!);
    }
    const { exports } = new WebAssembly.Instance(this.#module, { ic0 });
    const globals = Object.keys(exports)
      .filter((name) => name.startsWith(GLOBAL_EXPORT_PREFIX))
      .map((name) => stateGlobal(name, exports[name] as WebAssembly.Global));
    return {
      exports,
      memory: exports[MEMORY_EXPORT] as WebAssembly.Memory | undefined,
      table: exports[TABLE_EXPORT] as WebAssembly.Table | undefined,
      globals: globals.filter(({ mutable }) => mutable).map(({ global }) => global),
      stateGlobals: globals.filter(({ type }) => type !== 'reference') as StateGlobal[],
    };
  }

  /** A system call as Wasm code sees it: checks the mode, counts, and makes numbers unsigned. */
  #import(name: string, call: SystemCall): (...values: (number | bigint)[]) => unknown {
    return (...values) => {
      const message = this.#message!;
      const { mode, method } = message.input;
      if (!call.modes.has(mode)) {
        throw new TrapSignal(
          contractViolation(`"ic0_${name}" cannot be executed in ${modeWord(mode, method)} mode`),
        );
      }
      message.count();
      return call.run(message, ...(values.map(unsigned) as never[]));
    };
  }
}

/** Reads what `expose.ts` wrote into the name: `<prefix><position> <mut or const> <type>`. */
function stateGlobal(name: string, global: WebAssembly.Global) {
  const [, mutability, type] = name.split(' ');
  return { global, mutable: mutability === 'mut', type };
}

function unsigned(value: number | bigint): number | bigint {
  return typeof value === 'bigint' ? BigInt.asUintN(64, value) : value >>> 0;
}
