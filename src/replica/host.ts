/**
 * The wall between the model and the machine: everything that the core needs done but cannot say in
 * plain TypeScript. `host/` has the implementation for Node.
 *
 * A {@link CanisterInstance} is the one part of a canister that is not a value. Copying a heap of
 * 20 MB for every message twice would be slow, so the instance keeps the heap, remembers the last
 * committed one, and offers `commit` and `rollback`. Whoever runs a message calls one of them.
 */
import type { EntryPoint, Mode } from './entry-point.js';
import type { MessageExecution } from './message-execution.js';
import type { StableMemory } from './stable-memory.js';
import type { Trap } from './trap.js';

export interface Host {
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  sha224(bytes: Uint8Array): Uint8Array;
  /** The key pair that a seed of 32 bytes stands for. */
  signer(scheme: 'bls' | 'ed25519', seed: Uint8Array): Signer;
  /** Whether the signature is good. Bytes that are no key, or no signature, are simply not. */
  verify(scheme: SignatureScheme, key: Uint8Array, message: Uint8Array, sig: Uint8Array): boolean;
  /** The decompressed bytes, or undefined where they are damaged or more than `sizeMax`. */
  gunzip(bytes: Uint8Array, sizeMax: number): Uint8Array | undefined;
  compile(wasm: Uint8Array): CompiledModule | InvalidModule;
}

/**
 * Keys are as short as their scheme allows: 96 bytes of a point for BLS, 32 bytes for Ed25519, an
 * uncompressed point of 65 bytes for the two ECDSA schemes; for RSA, the DER form of modulus and
 * exponent. Signatures of ECDSA are r and s, 32 bytes each.
 */
export type SignatureScheme = 'bls' | 'ed25519' | 'secp256k1' | 'p256' | 'rsa';

/** A secret key that can be used, but not seen. */
export interface Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** Why a module cannot be installed. */
export interface InvalidModule {
  readonly invalid: string;
}

export interface CompiledModule {
  readonly exports: ReadonlySet<string>;
  readonly customSections: ReadonlyMap<string, Uint8Array>;
  /** A fresh instance; a trap where the module's data does not fit its memory. */
  instantiate(): CanisterInstance | Trap;
}

/** Vectors are in the list because snapshots may name them; no script can read or set one. */
export type GlobalType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** A global of a module: a signed integer, of 64 bits as `bigint`, or a float. */
export interface GlobalValue {
  readonly type: GlobalType;
  readonly value: number | bigint;
}

/** All that a fresh instance needs to go on where another one stood. */
export interface InstanceImage {
  readonly heap: StableMemory;
  /** The globals that the module exports, then the other mutable ones. */
  readonly globals: readonly GlobalValue[];
}

export interface CanisterInstance {
  /** The heap as it is now. The view is good until the heap grows. */
  readonly heap: Uint8Array;
  /** Runs one entry point. After a trap the caller has to roll back. */
  run(entry: EntryPoint, message: MessageExecution): Trap | undefined;
  /** Makes the heap and the globals as they are now the state to roll back to. */
  commit(): void;
  /** Restores heap and globals as they were at the last commit. */
  rollback(): void;
  /** An instance of its own, as this one was at the last commit. */
  fork(): CanisterInstance;
  /** What the message that runs, or ran last, has not used; never below 0. */
  readonly instructionsLeft: bigint;
  /** Takes instructions from the message that runs; false where it had not so many. */
  take(instructions: number): boolean;
  /** Replaces the heap, for upgrades that keep it. */
  replaceHeap(heap: Uint8Array): void;
  /** How many globals an image has. */
  readonly globalCount: number;
  /** The heap and the globals as they were at the last commit. */
  image(): InstanceImage;
  /** Takes over an image; why not, where that does not fit the module. Nothing is committed. */
  restore(image: InstanceImage): string | undefined;
}

/** The type of a number in Wasm; `I` is the type of pointers, `i32` unless the memory is wide. */
export type ValueType = 'i32' | 'i64' | 'I';

/** One function that the system offers to canisters. */
export interface SystemCall {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly modes: ReadonlySet<Mode>;
  /** Numbers arrive unsigned, `i64` as `bigint`; the result is of the same kinds. */
  run(message: MessageExecution, ...values: never[]): unknown;
}
