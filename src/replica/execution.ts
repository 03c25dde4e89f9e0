/**
 * Runs one message on one canister and says how it ended. The caller decides what becomes of it:
 * {@link applied} gives the canister with the message's effects, {@link undone} the canister as it
 * was. The heap is not part of these values, so the caller also commits the instance or rolls it
 * back.
 *
 * Source: specs/replica.md section 4.2, "Trap" and "Query".
 */
import { appendToLog, type CanisterLog } from './canister-log.js';
import type { Canister, InstalledCode } from './canister.js';
import { withConsumed } from './cycles-consumed.js';
import { modeWord, type EntryPoint } from './entry-point.js';
import { MessageExecution, type MessageInput } from './message-execution.js';
import { dropNewCall } from './ic0/calls.js';
import type { Trap } from './trap.js';
import { endWith, type MessageEnd } from './watch.js';

export interface Executed {
  readonly message: MessageExecution;
  readonly trap: Trap | undefined;
  /** How many instructions it used, also if it trapped. */
  readonly instructions: bigint;
}

/** PRECONDITION: `canister.code` is `code`. */
export function execute(
  canister: Canister,
  code: InstalledCode,
  entry: EntryPoint,
  input: MessageInput,
): Executed {
  const message = new MessageExecution(canister, code.instance, input);
  const { caller, mode, method, time } = input;
  const word = modeWord(mode, method);
  const end = input.watch({ canisterId: canister.id, caller, mode: word, method, time });
  const trap = code.instance.run(entry, message);
  const { instructions } = message;
  end(endOf(message, trap, instructions));
  if (trap === undefined) dropNewCall(message);
  else message.printed.add(new TextEncoder().encode(`[TRAP]: ${trap.text}`));
  return { message, trap, instructions };
}

function endOf(
  { response }: MessageExecution,
  trap: Trap | undefined,
  instructions: bigint,
): MessageEnd {
  if (trap !== undefined) return { result: 'trapped', text: trap.text, instructions };
  return { ...endWith(response), instructions };
}

/** The canister after a message that ended well: all of its effects, in one step. */
export function applied(
  canister: Canister,
  code: InstalledCode,
  message: MessageExecution,
): Canister {
  return {
    ...withConsumed(canister, 'burned_cycles', message.burntCycles),
    cycles: message.cycles,
    log: logAfter(canister, message),
    code: {
      ...code,
      stable: message.stable.commit(),
      certifiedData: message.certifiedData ?? code.certifiedData,
      globalTimer: message.globalTimer ?? code.globalTimer,
    },
  };
}

/** The canister after a message that trapped: as it was, but for what the log says about it. */
export function undone(canister: Canister, { message }: Executed): Canister {
  return { ...canister, log: logAfter(canister, message) };
}

function logAfter({ log }: Canister, { input, printed }: MessageExecution): CanisterLog {
  return appendToLog(log, input.time, printed.kept, printed.skipped);
}
