/**
 * One message while it runs: what the system calls may look at, and the changes that they gather.
 * Nothing here touches the canister. If the message ends well its effects are applied in one step
 * (see `execution.ts`); if it traps they are dropped, but for what it printed.
 *
 * Source: specs/replica.md sections 4.2 and 4.3.
 */
import type { Principal } from '@dfinity/principal';

import type { Callback, CallerInfo, Closure } from './call-context.js';
import type { Canister } from './canister.js';
import { PrintedLines } from './canister-log.js';
import type { Mode } from './entry-point.js';
import { freezingThreshold, type Fees } from './fees.js';
import type { CanisterInstance } from './host.js';
import type { Rejection, Response } from './rejection.js';
import { refuseAccess } from './stable-access.js';
import { StableMemory, StableMemoryOverlay } from './stable-memory.js';
import { contractViolation, outOfInstructions, TrapSignal, wasmTrap, type Trap } from './trap.js';
import type { Watcher } from './watch.js';

const MIB = 2 ** 20;
export const REPLICATED_PAYLOAD_SIZE_MAX = 2 * MIB;
const QUERY_PAYLOAD_SIZE_MAX = 3 * MIB;

/** What a message pays for each page of stable memory that it dirties, in instructions. */
const DIRTY_PAGE_COST = 1000;

/** The setting `wasm_memory_limit` binds what can be done again: no callback, no query. */
const HEAP_LIMIT_MODES: ReadonlySet<Mode> = new Set<Mode>(['s', 'I', 'U', 'T']);

/** What a message knows when it starts. */
export interface MessageInput {
  readonly mode: Mode;
  readonly time: bigint;
  readonly caller: Principal;
  readonly callerInfo: CallerInfo | undefined;
  /** When the caller stops waiting, in nanoseconds since 1970; 0 where it waits for ever. */
  readonly deadline: bigint;
  readonly subnetId: Principal;
  readonly fees: Fees;
  /** The public key of the root of all certificates. */
  readonly rootKey: () => Uint8Array;
  /** A certificate of what the canister certified. */
  readonly dataCertificate: () => Uint8Array;
  /** The method of the call; in system tasks the entry point. */
  readonly method: string;
  readonly argument: Uint8Array;
  /** In callbacks: the rejection of the call, undefined where it was answered. */
  readonly rejection: Rejection | undefined;
  readonly refundedCycles: bigint;
  /** Cycles of the call context that may still be accepted. */
  readonly availableCycles: bigint;
  /** Whether the call context has been answered already. */
  readonly responded: boolean;
  /** What the earlier messages of the call context used, in instructions. */
  readonly contextCounter: bigint;
  /** How many instructions this message may use. */
  readonly instructionLimit: bigint;
  /** How many calls of this canister to that callee are under way. */
  readonly callsUnderWay: (callee: Principal) => number;
  /** Whether that canister is on the subnet of this one, where larger calls are allowed. */
  readonly isNear: (callee: Principal) => boolean;
  /** Hears what the canister prints, whatever becomes of the message. */
  readonly print: (line: Uint8Array) => void;
  readonly watch: Watcher;
}

/** A call as the canister puts it together between `call_new` and `call_perform`. */
export interface NewCall {
  readonly callee: Principal;
  readonly method: string;
  readonly pieces: Uint8Array[];
  /** The size of all pieces. */
  size: number;
  cycles: bigint;
  /** Undefined where the caller waits for ever. */
  timeoutInSeconds: number | undefined;
  readonly onReply: Closure;
  readonly onReject: Closure;
  onCleanup: Closure | undefined;
}

/** A call that is sent when the message ends well. */
export interface OutgoingCall {
  readonly callee: Principal;
  readonly method: string;
  readonly argument: Uint8Array;
  readonly cycles: bigint;
  readonly callback: Callback;
  /** Undefined where the caller waits for ever. */
  readonly timeoutInSeconds: number | undefined;
}

export class MessageExecution {
  readonly stable: StableMemoryOverlay;
  readonly printed: PrintedLines;
  /** The size of all lines, also of those that the log has no room for. */
  loggedSize = 0;
  readonly calls: OutgoingCall[] = [];
  readonly replyPieces: Uint8Array[] = [];
  replySize = 0;
  response: Response | undefined;
  /** The call under construction. */
  newCall: NewCall | undefined;
  cycles: bigint;
  availableCycles: bigint;
  burntCycles = 0n;
  certifiedData: Uint8Array | undefined;
  globalTimer: bigint | undefined;
  accepted = false;

  constructor(
    readonly canister: Canister,
    readonly instance: CanisterInstance,
    readonly input: MessageInput,
  ) {
    this.stable = new StableMemoryOverlay(canister.code?.stable ?? StableMemory.empty);
    this.printed = new PrintedLines(canister.log.sizeMax);
    this.cycles = canister.cycles;
    this.availableCycles = input.availableCycles;
  }

  get isReplicated(): boolean {
    return !['NRQ', 'TQ', 'CQ', 'CRy', 'CRt', 'CC', 'F'].includes(this.input.mode);
  }

  /** The cycles above the freezing threshold: what the canister is free to spend. */
  get liquidCycles(): bigint {
    const rest = this.cycles - freezingThreshold(this.canister, this.input.fees);
    return rest > 0n ? rest : 0n;
  }

  get payloadSizeMax(): number {
    return this.isReplicated ? REPLICATED_PAYLOAD_SIZE_MAX : QUERY_PAYLOAD_SIZE_MAX;
  }

  /** Instructions used so far. After the message, `Executed` has them. */
  get instructions(): bigint {
    return this.input.instructionLimit - this.instance.instructionsLeft;
  }

  /** How far the heap may grow, in bytes; undefined where only the machine sets a limit. */
  get heapLimit(): bigint | undefined {
    const { wasmMemoryLimit } = this.canister.settings;
    const bound = HEAP_LIMIT_MODES.has(this.input.mode) && wasmMemoryLimit > 0n;
    return bound ? wasmMemoryLimit : undefined;
  }

  /** Takes the cost of work that the system does for the canister. */
  charge(instructions: number): void {
    if (this.instance.take(instructions)) return;
    this.fail(outOfInstructions(this.input.instructionLimit));
  }

  print(line: Uint8Array): void {
    this.printed.add(line);
    this.loggedSize += line.length;
    this.input.print(line);
  }

  /** A copy of a range of the heap; traps where the range is not all inside. */
  load(pointer: number, size: number): Uint8Array {
    return this.#heapRange(pointer, size).slice();
  }

  /** A text from the heap; traps where the bytes are no UTF-8. */
  loadText(label: string, pointer: number, size: number): string {
    const bytes = this.#heapRange(pointer, size);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return this.violate(`${label}: the text is not valid UTF-8`);
    }
  }

  /** Copies `size` bytes of `source` from `offset` into the heap: the shape of every `*_copy`. */
  store(label: string, source: Uint8Array, pointer: number, offset: number, size: number): void {
    if (offset + size > source.length) {
      this.violate(`${label}: offset ${offset} and size ${size} exceed ${source.length} bytes`);
    }
    this.#heapRange(pointer, size).set(source.subarray(offset, offset + size));
  }

  storeU128(pointer: number, value: bigint): void {
    const bytes = this.#heapRange(pointer, 16);
    let rest = value;
    for (let index = 0; index < bytes.length; index++, rest >>= 8n) {
      bytes[index] = Number(rest & 0xffn);
    }
  }

  stableRead(pointer: number, offset: number, size: number): void {
    if (!this.stable.contains(offset, size)) this.fail(wasmTrap('stable memory out of bounds'));
    const target = this.#heapRange(pointer, size);
    this.#limitAccess('accessed', this.stable.accessed(offset, size));
    this.stable.read(offset, target);
  }

  stableWrite(offset: number, pointer: number, size: number): void {
    if (!this.stable.contains(offset, size)) this.fail(wasmTrap('stable memory out of bounds'));
    const source = this.#heapRange(pointer, size);
    this.#limitAccess('accessed', this.stable.accessed(offset, size));
    this.charge(DIRTY_PAGE_COST * this.stable.dirty(offset, size));
    this.#limitAccess('modified', this.stable.dirtyPages);
    this.stable.write(offset, source);
  }

  #limitAccess(kind: 'accessed' | 'modified', pages: number): void {
    const trap = refuseAccess(this.input.mode, kind, pages);
    if (trap !== undefined) this.fail(trap);
  }

  assertUnanswered(name: string): void {
    if (this.input.responded || this.response !== undefined) {
      this.violate(`ic0.${name}: the call is already replied`);
    }
  }

  assertPayload(name: string, size: number, max: number): void {
    if (size > max) {
      this.violate(`ic0.${name}: application payload size (${size}) cannot be larger than ${max}`);
    }
  }

  fail(trap: Trap): never {
    throw new TrapSignal(trap);
  }

  violate(what: string): never {
    return this.fail(contractViolation(what));
  }

  /** The range inside the heap as a view: only to be used at once. */
  #heapRange(pointer: number, size: number): Uint8Array {
    const heap = this.instance.heap;
    if (pointer + size > heap.length) this.fail(wasmTrap('heap out of bounds'));
    return heap.subarray(pointer, pointer + size);
  }
}
