/**
 * The first generation of system calls: amounts of 64 bits and stable memory of 32. They trap where
 * that does not suffice, and only canisters with a 32-bit memory have them.
 *
 * Source: IC interface specification, "Overview of imports", the functions "only available if
 * `I = i32`".
 */
import type { MessageExecution as Message } from '../message-execution.js';
import { wasmTrap } from '../trap.js';
import { callCyclesAdd, PAYING } from './calls.js';
import { accept } from './cycles.js';
import { ANY, ANY_AND_START, on, type SystemCalls } from './system-call.js';

const ACCEPTING = 'U RQ Ry Rt';
const PAGES_MAX = 65_536;

export const NARROW_CALLS: SystemCalls = {
  msg_cycles_available: on('() -> i64', ACCEPTING, (m) => narrow(m, m.availableCycles)),
  msg_cycles_refunded: on('() -> i64', 'Ry Rt', (m) => narrow(m, m.input.refundedCycles)),
  msg_cycles_accept: on('(i64) -> i64', ACCEPTING, (m, most: bigint) => accept(m, most)),
  canister_cycle_balance: on('() -> i64', ANY, (m) => narrow(m, m.cycles)),
  call_cycles_add: on('(i64) -> ()', PAYING, callCyclesAdd),
  stable_size: on('() -> i32', ANY_AND_START, stableSize),
  stable_grow: on('(i32) -> i32', ANY_AND_START, (m, pages: number) =>
    stableSize(m) + pages > PAGES_MAX ? -1 : m.stable.grow(pages),
  ),
  stable_write: on(
    '(i32 i32 i32) -> ()',
    ANY_AND_START,
    (m, offset: number, source: number, size: number) => {
      stableSize(m);
      m.stableWrite(offset, source, size);
    },
  ),
  stable_read: on(
    '(i32 i32 i32) -> ()',
    ANY_AND_START,
    (m, target: number, offset: number, size: number) => {
      stableSize(m);
      m.stableRead(target, offset, size);
    },
  ),
};

function narrow(m: Message, amount: bigint): bigint {
  return amount < 2n ** 64n
    ? amount
    : m.fail(wasmTrap('cycles amount exceeds 64-bit representation'));
}

/** Also the check that each of these calls begins with. */
function stableSize(m: Message): number {
  return m.stable.size <= PAGES_MAX
    ? m.stable.size
    : m.fail(wasmTrap('32 bit stable memory api used on a memory larger than 4GB'));
}
