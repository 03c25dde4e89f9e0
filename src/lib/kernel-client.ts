/**
 * JavaScript's side of the kernel, the piece of Wasm that the link step puts in front of some
 * system calls of an Azle canister. JavaScript in a canister is interpreted: a loop over bytes
 * costs hundreds of times what it costs in Wasm, and Azle offers no raw stable memory at all. So
 * the client writes one number into a frame that both sides see, and passes the bytes themselves
 * through a call of Azle's that hands over their address.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  magic "SSK" and 1, written here before the frame is registered
 *          4     4  ABI version, written by the kernel when it accepts the frame; before that 0
 *          8     8  request, f64: operation * 2^46 + argument; 0 while there is none
 *         16     8  result, f64: what the last operation answered
 *         24    40  operands, f64 each: what does not fit into the argument
 *         64  4096  text area: room for a text on its way
 *       4160        staging area: room for keys and values on their way
 *
 *     DOOR                      CARRIES                       IN FRONT OF
 *     certifiedDataSet(bytes)   the address of the bytes      ic0.certified_data_set
 *     debugPrint(text)          a text in UTF-8               ic0.debug_print
 *     inReplicatedExecution()   nothing                       ic0.in_replicated_execution
 *     msgMethodName()           a text back                   ic0.msg_method_name_*
 *     msgArgData()              bytes back, in a new array    ic0.msg_arg_data_*
 *
 * The kernel traps on a wrong request, and a trap cannot be caught. So callers check first.
 *
 * Source: `src/kernel/README.md`; the frame's other side is `src/kernel/assembly/frame.ts`.
 */
import { keepView } from './bytes.js';
import { StorageError } from './errors.js';

/**
 * Whether this code runs over the kernel. The link step overwrites the last word of this very text
 * in the canister's Wasm by {@link KERNEL_PRESENT}; so it must stand in the source once, and whole.
 */
export const KERNEL_STATE: string = 'stable-structures kernel: missing';

/** The word that the link step writes; as long as the one that it replaces. */
export const KERNEL_PRESENT = 'present';

const MAGIC = 0x01_4b_53_53;
const ABI_VERSION = 2;

const MAGIC_OFFSET = 0;
const ABI_VERSION_OFFSET = MAGIC_OFFSET + 4;
const REQUEST_OFFSET = ABI_VERSION_OFFSET + 4;
const RESULT_OFFSET = REQUEST_OFFSET + 8;
const OPERANDS_OFFSET = RESULT_OFFSET + 8;
const OPERANDS_MAX = 5;
const TEXT_OFFSET = OPERANDS_OFFSET + OPERANDS_MAX * 8;
const TEXT_SIZE = 4096;
const STAGING_OFFSET = TEXT_OFFSET + TEXT_SIZE;
/** For keys and values together. Larger ones go through the TypeScript engine. */
const STAGING_SIZE = 131_072;
const FRAME_SIZE = STAGING_OFFSET + STAGING_SIZE;

/** A UTF-16 code unit takes at most three bytes in UTF-8, so such a text always has room. */
const SHORT_TEXT_LENGTH_MAX = Math.floor(TEXT_SIZE / 3);

/** The same places, as indices into arrays of `u32` and of `f64`. */
const MAGIC_WORD = MAGIC_OFFSET / 4;
const ABI_VERSION_WORD = ABI_VERSION_OFFSET / 4;
const REQUEST = REQUEST_OFFSET / 8;
const RESULT = RESULT_OFFSET / 8;

/** An argument has 46 bits, and above it stands the operation, of 7: a number holds 53. */
export const ARGUMENT_LIMIT = 2 ** 46;
const SIZE = 1 * ARGUMENT_LIMIT;
const GROW = 2 * ARGUMENT_LIMIT;
const READ = 3 * ARGUMENT_LIMIT;
const WRITE = 4 * ARGUMENT_LIMIT;
const ENCODE = 5 * ARGUMENT_LIMIT;
const ENCODE_INTO = 6 * ARGUMENT_LIMIT;
const DECODE = 8 * ARGUMENT_LIMIT;
const COMPARE = 9 * ARGUMENT_LIMIT;
const ATTACH = 11 * ARGUMENT_LIMIT;
const STAGE_TEXT = 60 * ARGUMENT_LIMIT;
const STAGED_TEXT = 61 * ARGUMENT_LIMIT;
const TEXT_IN = 62 * ARGUMENT_LIMIT;
const SHA256 = 80 * ARGUMENT_LIMIT;

/** A range in an argument: start * 2^23 + length. */
const RANGE_LIMIT = 2 ** 23;

const GUARD_MESSAGE =
  "Azle's own StableBTreeMap or file system tried to change the layout of stable memory, which " +
  'this canister\'s MemoryManager now keeps. Use BTreeMap of "stable-structures" in place of ' +
  "Azle's StableBTreeMap, and do not write files. Nothing was changed.";

/** The functions of Azle's `globalThis._azleIc` that the kernel stands behind. */
export interface AzleIc {
  certifiedDataSet(bytes: Uint8Array): void;
  debugPrint(text: string): void;
  inReplicatedExecution(): boolean;
  msgArgData(): Uint8Array;
  msgMethodName(): string;
}

/** What Azle leaves on `globalThis` for us to see where we run. */
interface AzleGlobals {
  readonly _azleIc?: AzleIc;
  readonly _azleIcExperimental?: object;
  readonly _azleNodejsWasmEnvironment?: boolean;
}

/** ES2024, which QuickJS and every supported Node have; the library is typed for ES2022. */
interface WellFormable {
  toWellFormed(): string;
}

/** Says of a text that it has a surrogate without its other half, which UTF-8 cannot hold. */
export const NOT_UNICODE = -2;

/** The connection to the kernel of this canister. Get it from {@link kernel}. */
export class Kernel {
  /** Where keys and values lie on their way to an operation and back. */
  readonly staging: Uint8Array;
  /**
   * Whether somebody has bytes in {@link staging} that are still needed. A codec of the user's may
   * use a map while it encodes or decodes for another one; that map is served by TypeScript then.
   */
  isStagingTaken = false;

  /** What an operation is told beyond its argument, in front of the request. */
  readonly operands: Float64Array;
  /** Where the values of a record cross, one number each. Gone when a text is encoded. */
  readonly slots: Float64Array;
  readonly #ic: AzleIc;
  readonly #numbers: Float64Array;
  #guardMessage: Uint8Array | undefined;

  /**
   * Registers a frame. Throws `UNLINKED_CANISTER` where the kernel speaks another ABI version,
   * and `MEMORY_IN_USE` where it already serves another copy of this library.
   */
  constructor(ic: AzleIc) {
    const frame = new Uint8Array(FRAME_SIZE);
    const words = new Uint32Array(frame.buffer);
    words[MAGIC_WORD] = MAGIC;
    ic.certifiedDataSet(frame);
    assertAbiVersion(words[ABI_VERSION_WORD]!);
    this.#ic = ic;
    this.#numbers = new Float64Array(frame.buffer);
    this.staging = frame.subarray(STAGING_OFFSET);
    this.operands = new Float64Array(frame.buffer, OPERANDS_OFFSET, OPERANDS_MAX);
    this.slots = new Float64Array(frame.buffer, TEXT_OFFSET, TEXT_SIZE / 8);
    keepView(this.staging);
  }

  /**
   * Makes a request that needs no more bytes than those in {@link staging}, and returns its result.
   * `request` is `operation * ARGUMENT_LIMIT + argument`.
   */
  ask(request: number): number {
    this.#numbers[REQUEST] = request;
    this.#ic.inReplicatedExecution();
    return this.#numbers[RESULT]!;
  }

  /** As {@link ask}, for a request on these bytes: the kernel sees them where they lie. */
  askWithBytes(request: number, bytes: Uint8Array): number {
    this.#numbers[REQUEST] = request;
    try {
      this.#ic.certifiedDataSet(bytes);
    } catch (error) {
      throw this.#withdraw(error);
    }
    return this.#numbers[RESULT]!;
  }

  /** As {@link ask}, for a request on this text. Throws where it has an unpaired surrogate. */
  askWithText(request: number, text: string): number {
    this.#numbers[REQUEST] = request;
    try {
      this.#ic.debugPrint(text);
    } catch (error) {
      throw this.#withdraw(error);
    }
    return this.#numbers[RESULT]!;
  }

  /** As {@link ask}, for a request whose reply is a text; `undefined` where the result is 0. */
  askForText(request: number): string | undefined {
    this.#numbers[REQUEST] = request;
    const text = this.#ic.msgMethodName();
    return this.#numbers[RESULT] === 0 ? undefined : text;
  }

  /** The text that the last request replied with. PRECONDITION: it did, and nobody took it. */
  takeText(): string {
    return this.#ic.msgMethodName();
  }

  /** The bytes that the last request replied with; where there are none, the call's argument. */
  takeBytes(): Uint8Array {
    return this.#ic.msgArgData();
  }

  /**
   * Runs `work` with {@link staging} for its own; `undefined`, and nothing is run, while somebody
   * needs what is there. What runs for every entry does this itself: a closure costs too much.
   */
  withStaging<T>(work: () => T): T | undefined {
    if (this.isStagingTaken) return undefined;
    this.isStagingTaken = true;
    try {
      return work();
    } finally {
      this.isStagingTaken = false;
    }
  }

  /** The size of stable memory in pages. */
  size(): number {
    this.#numbers[REQUEST] = SIZE;
    this.#ic.inReplicatedExecution();
    return this.#numbers[RESULT]!;
  }

  /** Adds pages. Returns the old size in pages, or -1 where the system has no room. */
  grow(pages: number): number {
    if (pages >= ARGUMENT_LIMIT) return -1;
    this.#numbers[REQUEST] = GROW + pages;
    this.#ic.inReplicatedExecution();
    return this.#numbers[RESULT]!;
  }

  /**
   * Fills `target` from stable memory. PRECONDITION: `offset` is a whole number and the bytes lie
   * within stable memory; otherwise the host traps.
   */
  read(offset: number, target: Uint8Array): void {
    this.#numbers[REQUEST] = READ + offset;
    try {
      this.#ic.certifiedDataSet(target);
    } catch (error) {
      throw this.#withdraw(error);
    }
  }

  /** Copies `source` to stable memory. PRECONDITION: as for {@link read}. */
  write(offset: number, source: Uint8Array): void {
    this.#numbers[REQUEST] = WRITE + offset;
    try {
      this.#ic.certifiedDataSet(source);
    } catch (error) {
      throw this.#withdraw(error);
    }
  }

  /** A text in UTF-8, unpaired surrogates as U+FFFD, in an array of its own. O(n). */
  encode(text: string): Uint8Array {
    if (text.length === 0) return new Uint8Array(0);
    this.#numbers[REQUEST] = ENCODE;
    this.#giveText(text);
    return text.length <= SHORT_TEXT_LENGTH_MAX ? this.#ic.msgArgData() : this.#encodeLong(text);
  }

  /** The text of bytes in UTF-8, or `undefined` where they are not valid. O(n). */
  decode(bytes: Uint8Array): string | undefined {
    if (bytes.length === 0) return '';
    this.#numbers[REQUEST] = DECODE;
    try {
      this.#ic.certifiedDataSet(bytes);
    } catch (error) {
      throw this.#withdraw(error);
    }
    return this.#numbers[RESULT] === bytes.length ? this.#ic.msgMethodName() : undefined;
  }

  /**
   * As {@link decode}, of the bytes from `start` up to `end`; those of {@link staging} at the least
   * cost. PRECONDITION: they lie within the array.
   */
  decodeRange(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (start === end) return '';
    if (end >= RANGE_LIMIT) return this.decode(bytes.subarray(start, end));
    const range = start * RANGE_LIMIT + end - start;
    if (bytes === this.staging) return this.askForText(STAGED_TEXT + range);
    const isValid = this.askWithBytes(TEXT_IN + range, bytes) === 1;
    const text = this.#ic.msgMethodName();
    return isValid ? text : undefined;
  }

  /**
   * Puts a text in UTF-8 into {@link staging}, from `offset` on. Returns where it ends; -1 where it
   * has no room, or {@link NOT_UNICODE}: then nothing is written. O(n).
   */
  stageText(text: string, offset: number): number {
    if (offset > STAGING_SIZE) return -1;
    if (text.length === 0) return offset;
    this.#numbers[REQUEST] = STAGE_TEXT + offset;
    try {
      this.#ic.debugPrint(text);
    } catch (error) {
      this.#withdraw(error);
      return NOT_UNICODE;
    }
    return this.#numbers[RESULT]!;
  }

  /** -1, 0 or 1, as `left` comes before, with or after `right`, byte by byte. O(n). */
  compare(left: Uint8Array, right: Uint8Array): number {
    this.#numbers[REQUEST] = COMPARE;
    try {
      this.#ic.certifiedDataSet(left);
      this.#ic.certifiedDataSet(right);
    } catch (error) {
      throw this.#withdraw(error);
    }
    return this.#numbers[RESULT]!;
  }

  /** The SHA-256 of bytes, in an array of its own; `undefined` where the heap has no room. O(n). */
  sha256(bytes: Uint8Array): Uint8Array | undefined {
    return this.askWithBytes(SHA256, bytes) === 1 ? this.#ic.msgArgData() : undefined;
  }

  /** Makes every change of page 0 or of the size that does not come from here trap. */
  guardPageZero(): void {
    if (this.#guardMessage !== undefined) return;
    this.#guardMessage = this.encode(GUARD_MESSAGE);
    this.#numbers[REQUEST] = ATTACH;
    this.#ic.certifiedDataSet(this.#guardMessage);
  }

  /** A text that may not fit the text area: its length was measured, now it is encoded. */
  #encodeLong(text: string): Uint8Array {
    const length = this.#numbers[RESULT]!;
    if (length <= TEXT_SIZE) return this.#ic.msgArgData();
    const bytes = new Uint8Array(length);
    this.#numbers[REQUEST] = ENCODE_INTO;
    this.#ic.certifiedDataSet(bytes);
    this.#giveText(text);
    return bytes;
  }

  /** Azle refuses unpaired surrogates, and nothing else; then the request is still there. */
  #giveText(text: string): void {
    try {
      this.#ic.debugPrint(text);
    } catch {
      this.#ic.debugPrint((text as unknown as WellFormable).toWellFormed());
    }
  }

  /** Azle refuses what is no `Uint8Array`; then the request must not stay behind. */
  #withdraw(error: unknown): unknown {
    this.#numbers[REQUEST] = 0;
    return error;
  }
}

let connection: Kernel | undefined;

/**
 * The kernel of this canister; `undefined` outside a canister: in Node, and in Azle's run at build
 * time. O(1). Throws `UNLINKED_CANISTER` where the canister was built without the link step.
 */
export function kernel(): Kernel | undefined {
  if (connection === undefined) connection = connect(globalThis as AzleGlobals, KERNEL_STATE);
  return connection;
}

/** What {@link kernel} does, of the globals and the state that it is told. For tests. */
export function connect(globals: AzleGlobals, state: string): Kernel | undefined {
  if (globals._azleNodejsWasmEnvironment === true) return undefined;
  if (globals._azleIcExperimental !== undefined) {
    throw new StorageError(
      'UNLINKED_CANISTER',
      'Azle\'s experimental mode has no stable memory for us. Remove "experimental" from dfx.json.',
    );
  }
  if (globals._azleIc === undefined) return undefined;
  if (!state.endsWith(KERNEL_PRESENT)) {
    throw new StorageError(
      'UNLINKED_CANISTER',
      "this canister's Wasm has no kernel, and so no stable memory. Build it with " +
        '"npx stable-structures build <canister>" in place of "azle build".',
    );
  }
  return new Kernel(globals._azleIc);
}

function assertAbiVersion(found: number): void {
  if (found === ABI_VERSION) return;
  if (found === 0) {
    throw new StorageError(
      'MEMORY_IN_USE',
      'the kernel already serves another copy of "stable-structures" in this canister. ' +
        'Make the bundle hold one copy, for instance by "npm dedupe".',
    );
  }
  throw new StorageError(
    'UNLINKED_CANISTER',
    `the kernel speaks ABI version ${found}, the library ${ABI_VERSION}. Build the canister with ` +
      'the command of the same release: "npx stable-structures build <canister>".',
    { expected: ABI_VERSION, found },
  );
}
