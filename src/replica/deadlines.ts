/**
 * Waiting that ends: best-effort calls whose time is over, and HTTPS outcalls and stops of
 * canisters that take too long. All are looked at when a round begins.
 *
 * A best-effort call that was not begun is dropped. One that is under way goes on, but its answer
 * comes too late: only the cycles that it gives back reach the caller.
 *
 * Source: IC interface specification, `call_with_best_effort_response` and `stop_canister`.
 */
import type { CallOrigin } from './call-context.js';
import { giveBack, respond } from './contexts.js';
import { endLateOutcalls } from './outcalls.js';
import { ErrorCode, reject, RejectCode, type Response } from './rejection.js';
import type { ReplicaState } from './state.js';

const STOP_TIMEOUT = 300_000_000_000n;

const DEADLINE_EXPIRED: Response = {
  kind: 'reject',
  rejection: {
    rejectCode: RejectCode.sysUnknown,
    errorCode: ErrorCode.deadlineExpired,
    message: 'Deadline expired.',
    verbatim: true,
  },
};

export function endWaiting(state: ReplicaState): void {
  endLateOutcalls(state);
  for (const origin of [...state.boundedCalls.values()]) {
    if (origin.deadline <= state.clock.roundTime) expire(state, origin);
  }
  for (const [key, pending] of [...state.pendingStops]) {
    const isLate = ({ since }: { since: bigint }): boolean =>
      since + STOP_TIMEOUT <= state.clock.roundTime;
    const late = pending.filter(isLate);
    if (late.length === 0) continue;
    const waiting = pending.filter((stop) => !isLate(stop));
    if (waiting.length === 0) state.pendingStops.delete(key);
    else state.pendingStops.set(key, waiting);
    for (const { origin, cycles } of late) {
      respond(
        state,
        origin,
        reject(ErrorCode.stopTimeout, 'Stop canister request timed out'),
        cycles,
      );
    }
  }
}

function expire(state: ReplicaState, origin: CallOrigin): void {
  respond(state, origin, DEADLINE_EXPIRED, 0n);
  const position = state.queue.findIndex(
    (message) =>
      message.kind === 'call' &&
      message.call.origin.kind === 'call' &&
      message.call.origin.callId === origin.callId,
  );
  const [dropped] = position < 0 ? [] : state.queue.splice(position, 1);
  if (dropped?.kind === 'call') giveBack(state, origin.caller, dropped.call.cycles);
}
