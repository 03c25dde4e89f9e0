/**
 * A trap: a message that went wrong inside the canister. A trap is a value; whoever ran the message
 * keeps the old state and turns the trap into a rejection for the caller.
 *
 * Between a system call and the code that started the message lies the stack of a Wasm engine, and
 * only an exception gets through that. {@link TrapSignal} is this exception. It is thrown by system
 * calls, caught where the Wasm code was entered, and seen nowhere else.
 *
 * Source: specs/replica.md section 4.4.
 */
import type { Principal } from '@dfinity/principal';

import { ErrorCode, rejection, type Rejection } from './rejection.js';

export interface Trap {
  readonly errorCode: ErrorCode;
  /** What happened, in the words of the specification, without a full stop. */
  readonly text: string;
}

/** Carries a trap through the frames of Wasm code. */
export class TrapSignal extends Error {
  override readonly name = 'TrapSignal';

  constructor(readonly trap: Trap) {
    super(trap.text);
  }
}

/** The faults of Wasm code itself, in the words of the specification. */
export type WasmFault =
  | 'heap out of bounds'
  | 'stable memory out of bounds'
  | 'unreachable'
  | 'integer division by 0'
  | 'integer overflow'
  | 'invalid conversion to integer'
  | 'table out of bounds'
  | 'null function or function signature mismatch'
  | 'stack overflow'
  | '32 bit stable memory api used on a memory larger than 4GB'
  | 'cycles amount exceeds 64-bit representation';

export function wasmTrap(fault: WasmFault): Trap {
  return { errorCode: ErrorCode.trapped, text: `Canister trapped: ${fault}` };
}

export function explicitTrap(message: string): Trap {
  return {
    errorCode: ErrorCode.trappedExplicitly,
    text: `Canister called \`ic0.trap\` with message: '${message}'`,
  };
}

export function contractViolation(what: string): Trap {
  return {
    errorCode: ErrorCode.contractViolation,
    text: `Canister violated contract: ${what}`,
  };
}

export function outOfInstructions(limit: bigint): Trap {
  return {
    errorCode: ErrorCode.instructionLimitExceeded,
    text: `Canister exceeded the limit of ${limit} instructions for single message execution`,
  };
}

export function memoryAccessLimit(what: string): Trap {
  return {
    errorCode: ErrorCode.memoryAccessLimit,
    text: `Canister exceeded memory access limits: ${what}`,
  };
}

/** The machine has no more room, whatever the canister's own limits say. */
export function outOfMemory(): Trap {
  return {
    errorCode: ErrorCode.outOfMemory,
    text: 'Canister cannot grow its memory usage',
  };
}

/** The setting `wasm_memory_limit` and the size that the heap would have had, in bytes. */
export function heapLimitExceeded(limit: bigint, size: number): Trap {
  return {
    errorCode: ErrorCode.wasmMemoryLimitExceeded,
    text:
      `Canister exceeded its current Wasm memory limit of ${limit} bytes. ` +
      `The peak Wasm memory usage was ${size} bytes`,
  };
}

/** Hints for the reader of an error; the texts are ours, the codes are the specification's. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  [ErrorCode.trapped]: 'Its code failed while it ran; every change of this message was undone.',
  [ErrorCode.trappedExplicitly]:
    'Its code stopped itself; every change of this message was undone.',
  [ErrorCode.contractViolation]:
    'Its code used the system interface in a way that the specification forbids.',
  [ErrorCode.invalidModule]: 'Check that the file is a canister module and is complete.',
  [ErrorCode.didNotReply]: 'A method has to reply or reject before its last callback ends.',
  [ErrorCode.methodNotFound]: 'Check the name of the method and whether it is a query.',
  [ErrorCode.instructionLimitExceeded]:
    'Split the work into several messages, or look for a loop that does not end.',
  [ErrorCode.wasmMemoryLimitExceeded]:
    'Look for a leak, move data to stable memory, or raise the setting wasm_memory_limit.',
  [ErrorCode.noWasmModule]: 'Install code first.',
};

/** The error that a caller sees for something that went wrong inside a canister. */
export function canisterError(
  canisterId: Principal,
  errorCode: ErrorCode,
  text: string,
): Rejection {
  const advice = ADVICE[errorCode];
  const message = `Error from Canister ${canisterId.toText()}: ${text}.`;
  return rejection(errorCode, advice === undefined ? message : `${message}\n${advice}`);
}

export function trapRejection(canisterId: Principal, trap: Trap): Rejection {
  return canisterError(canisterId, trap.errorCode, trap.text);
}

/** The error where a callback trapped, and then the cleanup too: it has the code of the first. */
export function withCleanupFailure(
  canisterId: Principal,
  failure: Rejection,
  trap: Trap,
): Rejection {
  const cleanup = trapRejection(canisterId, trap).message;
  return {
    ...failure,
    message: `${failure.message}\n\ncall_on_cleanup also failed:\n\n${cleanup}`,
  };
}
