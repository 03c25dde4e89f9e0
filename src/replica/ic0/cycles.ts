/**
 * Cycles: what the canister has, what came with the call, what came back, and what it burns. The
 * costs of things to come are in `costs.ts`.
 *
 * Source: IC interface specification, "Cycles".
 */
import type { MessageExecution as Message } from '../message-execution.js';
import { ANY, on, u128, type SystemCalls } from './system-call.js';

const ACCEPTING = 'U RQ Ry Rt';
const BURNING = 'I G U RQ Ry Rt C T';
const MINTING = 'U Ry Rt T';

/** The one canister that may make cycles out of nothing. */
const CYCLES_MINTING_CANISTER = 'rkp4c-7iaaa-aaaaa-aaaca-cai';

export const CYCLES_CALLS: SystemCalls = {
  msg_cycles_available128: on('(I) -> ()', ACCEPTING, (m, target: number) => {
    m.storeU128(target, m.availableCycles);
  }),
  msg_cycles_refunded128: on('(I) -> ()', 'Ry Rt', (m, target: number) => {
    m.storeU128(target, m.input.refundedCycles);
  }),
  msg_cycles_accept128: on(
    '(i64 i64 I) -> ()',
    ACCEPTING,
    (m, high: bigint, low: bigint, target: number) => {
      m.storeU128(target, accept(m, u128(high, low)));
    },
  ),
  cycles_burn128: on(
    '(i64 i64 I) -> ()',
    BURNING,
    (m, high: bigint, low: bigint, target: number) => {
      const burnt = smaller(u128(high, low), m.liquidCycles);
      m.cycles -= burnt;
      m.burntCycles += burnt;
      m.storeU128(target, burnt);
    },
  ),
  mint_cycles128: on(
    '(i64 i64 I) -> ()',
    MINTING,
    (m, high: bigint, low: bigint, target: number) => {
      m.storeU128(target, mint(m, u128(high, low)));
    },
  ),
  canister_cycle_balance128: on('(I) -> ()', ANY, (m, target: number) => {
    m.storeU128(target, m.cycles);
  }),
  canister_liquid_cycle_balance128: on('(I) -> ()', ANY, (m, target: number) => {
    m.storeU128(target, m.liquidCycles);
  }),
};

/** Moves cycles from the call to the canister; gives how many there were to move. */
export function accept(m: Message, most: bigint): bigint {
  const accepted = smaller(most, m.availableCycles);
  m.availableCycles -= accepted;
  m.cycles += accepted;
  return accepted;
}

function mint(m: Message, amount: bigint): bigint {
  const id = m.canister.id.toText();
  if (id !== CYCLES_MINTING_CANISTER) {
    m.violate(`ic0.mint_cycles128 cannot be executed on non Cycles Minting Canister: ${id}`);
  }
  m.cycles += amount;
  return amount;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
