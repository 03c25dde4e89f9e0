/**
 * A canister's heap, living in a V8 instance. V8 can neither undo what a message did nor shrink a
 * memory, so this class keeps an image of the heap and of the mutable globals as they were at the
 * last commit: commit makes a new image, roll-back copies the image into the heap, and where the
 * heap has grown since, roll-back begins with a new V8 instance.
 *
 * The function table and the module's segments are no part of that: every message finds them as the
 * module defines them, since the Internet Computer does not keep them either. Where a message has
 * changed them, the next one begins with a new V8 instance.
 *
 * Source: specs/replica.md section 4.2, "Trap implementation in V8" and "Re-instantiation hazard".
 */
import { WASM_PAGE_SIZE } from '../../lib/memory.js';
import { modeWord, type EntryPoint } from '../entry-point.js';
import type { CanisterInstance, InstanceImage, SystemCall } from '../host.js';
import { IC0 } from '../ic0.js';
import { instructionCost } from '../ic0/instruction-costs.js';
import type { MessageExecution } from '../message-execution.js';
import { ErrorCode } from '../rejection.js';
import {
  contractViolation,
  heapLimitExceeded,
  outOfInstructions,
  TrapSignal,
  type Trap,
} from '../trap.js';
import { handlesOf, type Handles } from './handles.js';
import { HeapImage } from './heap-image.js';
import { HEAP_LIMIT_PASSED, OUT_OF_INSTRUCTIONS } from './metering/additions.js';
import { trapOf } from './v8-trap.js';

const HEAP_PAGES_MAX = 65_536;
const HEAP_SIZE_MAX = BigInt(HEAP_PAGES_MAX) * BigInt(WASM_PAGE_SIZE);

/** The heap and the mutable globals at the last commit. */
interface Image {
  readonly heap: HeapImage;
  readonly globals: readonly unknown[];
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
    this.#image = this.#imageAfter(HeapImage.empty);
  }

  get heap(): Uint8Array {
    const buffer = this.#handles.memory?.buffer;
    if (buffer !== undefined && this.#heap.buffer !== buffer) this.#heap = new Uint8Array(buffer);
    return this.#heap;
  }

  get instructionsLeft(): bigint {
    const left = this.#handles.counter.value;
    return left > 0n ? left : 0n;
  }

  take(instructions: number): boolean {
    const { counter } = this.#handles;
    counter.value -= BigInt(instructions);
    return counter.value >= 0n;
  }

  run(entry: EntryPoint, message: MessageExecution): Trap | undefined {
    if (this.#handles.changed.value !== 0) this.#renew();
    this.#message = message;
    this.#handles.counter.value = message.input.instructionLimit;
    this.#handles.heapLimit.value = pagesOf(message.heapLimit);
    try {
      if (entry.kind === 'export') (this.#handles.exports[entry.name] as () => void)();
      else this.#tableFunction(entry.index)(entry.environment);
      return undefined;
    } catch (thrown) {
      return this.#ownTrap(message) ?? trapOf(thrown);
    } finally {
      this.#message = undefined;
    }
  }

  commit(): void {
    this.#image = this.#imageAfter(this.#image.heap);
  }

  rollback(): void {
    if (this.heap.length !== this.#image.heap.size) this.#replaceInstance();
    this.#load(this.#image);
  }

  fork(): CanisterInstance {
    const twin = new WasmInstance(this.#module);
    twin.#image = this.#image;
    twin.rollback();
    return twin;
  }

  replaceHeap(heap: Uint8Array): void {
    this.#reserve(heap.length);
    this.heap.set(heap);
  }

  get globalCount(): number {
    return this.#handles.stateGlobals.length;
  }

  image(): InstanceImage {
    const globals = this.#handles.stateGlobals.map(({ type, global }) => ({
      type,
      value: global.value as number | bigint,
    }));
    return { heap: this.#image.heap.toStableMemory(), globals };
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

  /** A new V8 instance with the heap and the globals of the present one. */
  #renew(): void {
    const present = this.#imageAfter(this.#image.heap);
    this.#replaceInstance();
    this.#load(present);
  }

  #replaceInstance(): void {
    const left = this.#handles.counter.value;
    this.#handles = this.#instantiate();
    this.#handles.counter.value = left;
  }

  #load({ heap, globals }: Image): void {
    this.#reserve(heap.size);
    heap.copyTo(this.heap);
    this.#handles.globals.forEach((global, index) => {
      global.value = globals[index];
    });
  }

  /** The trap of a module that stopped itself; undefined where it was something else. */
  #ownTrap(message: MessageExecution): Trap | undefined {
    const { counter, heapLimit } = this.#handles;
    if (counter.value === OUT_OF_INSTRUCTIONS) {
      return outOfInstructions(message.input.instructionLimit);
    }
    if (heapLimit.value === HEAP_LIMIT_PASSED) {
      return heapLimitExceeded(message.heapLimit!, this.heap.length);
    }
    return undefined;
  }

  /** Grows the heap to a size in bytes, unless it is as large already. */
  #reserve(size: number): void {
    const missing = size - this.heap.length;
    if (missing > 0) this.#handles.memory!.grow(missing / WASM_PAGE_SIZE);
  }

  #imageAfter(before: HeapImage): Image {
    const globals = this.#handles.globals.map((global) => global.value as unknown);
    return { heap: before.next(this.heap), globals };
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
      text: `Canister requested to invoke a non-existent Wasm function ${index} from table 0`,
    });
  }

  #instantiate(): Handles {
    const ic0: Record<string, (...values: (number | bigint)[]) => unknown> = {};
    for (const { name } of WebAssembly.Module.imports(this.#module)) {
      ic0[name] = this.#import(name, IC0[name]!);
    }
    return handlesOf(new WebAssembly.Instance(this.#module, { ic0 }).exports);
  }

  /** A system call as Wasm code sees it: is paid, checks the mode, and makes numbers unsigned. */
  #import(name: string, call: SystemCall): (...values: (number | bigint)[]) => unknown {
    return (...signed) => {
      const message = this.#message!;
      const values = signed.map(unsigned);
      message.charge(instructionCost(name, values, message.loggedSize));
      const { mode, method } = message.input;
      if (!call.modes.has(mode)) {
        throw new TrapSignal(
          contractViolation(`"ic0_${name}" cannot be executed in ${modeWord(mode, method)} mode`),
        );
      }
      return call.run(message, ...(values as never[]));
    };
  }
}

/** No heap is larger than a memory of 32 bits, so where nothing limits it, that does. */
function pagesOf(heapLimit: bigint | undefined): number {
  const pages = (heapLimit ?? HEAP_SIZE_MAX) / BigInt(WASM_PAGE_SIZE);
  return Math.min(Number(pages), HEAP_PAGES_MAX);
}

function unsigned(value: number | bigint): number | bigint {
  return typeof value === 'bigint' ? BigInt.asUintN(64, value) : value >>> 0;
}
