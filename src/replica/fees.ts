/**
 * What things cost, in cycles. A subnet charges by its cost schedule: `Normal` has the fees of an
 * application subnet of 13 nodes, `Free` charges nothing. System subnets charge nothing either.
 *
 * Source: specs/replica.md section 4.5; IC documentation, "Cycles costs" for 13 nodes; the formulas
 * for calls and outcalls as in the IC's cycles account manager.
 */
import type { Canister } from './canister.js';
import { INSTRUCTION_LIMITS } from './instruction-limits.js';
import { memoryUsage } from './memory-usage.js';
import type { Response } from './rejection.js';
import type { CostSchedule, Subnet, SubnetKind } from './topology.js';

export interface Fees {
  readonly canisterCreation: bigint;
  readonly message: bigint;
  readonly instruction: bigint;
  readonly ingress: bigint;
  readonly ingressByte: bigint;
  readonly call: bigint;
  readonly callByte: bigint;
  readonly storageOfGibPerSecond: bigint;
  readonly computePercentPerSecond: bigint;
  readonly outcall: bigint;
  readonly outcallRequestByte: bigint;
  readonly outcallResponseByte: bigint;
}

const NODES = 13n;

const NORMAL_FEES: Fees = {
  canisterCreation: 500_000_000_000n,
  message: 5_000_000n,
  instruction: 1n,
  ingress: 1_200_000n,
  ingressByte: 2_000n,
  call: 260_000n,
  callByte: 1_000n,
  storageOfGibPerSecond: 127_000n,
  computePercentPerSecond: 10_000_000n,
  outcall: (3_000_000n + 60_000n * NODES) * NODES,
  outcallRequestByte: 400n * NODES,
  outcallResponseByte: 800n * NODES,
};

const NO_FEES: Fees = {
  canisterCreation: 0n,
  message: 0n,
  instruction: 0n,
  ingress: 0n,
  ingressByte: 0n,
  call: 0n,
  callByte: 0n,
  storageOfGibPerSecond: 0n,
  computePercentPerSecond: 0n,
  outcall: 0n,
  outcallRequestByte: 0n,
  outcallResponseByte: 0n,
};

/** The subnets that run the IC itself; what their canisters do is free. */
const SYSTEM_KINDS: ReadonlySet<SubnetKind> = new Set(['NNS', 'II', 'Bitcoin', 'System']);

const GIB = 2n ** 30n;

/** The longest reply to a call and the most instructions of a message are paid for in advance. */
const REPLY_SIZE_MAX = 2n * 2n ** 20n;
const INSTRUCTIONS_MAX = INSTRUCTION_LIMITS.update;

export function feesOf({ kind, costSchedule }: Pick<Subnet, 'kind' | 'costSchedule'>): Fees {
  return SYSTEM_KINDS.has(kind) ? NO_FEES : FEES[costSchedule];
}

const FEES: Readonly<Record<CostSchedule, Fees>> = { Normal: NORMAL_FEES, Free: NO_FEES };

export function executionCost(fees: Fees, instructions: bigint): bigint {
  return fees.message + fees.instruction * instructions;
}

/** What a call costs at most: to send it, to bring the longest reply, to run its callback. */
export function callCost(fees: Fees, size: bigint): bigint {
  const transmission = fees.call + fees.callByte * (size + REPLY_SIZE_MAX);
  return transmission + messagePrepayment(fees);
}

/** What a message costs at most, which is taken before it runs. */
export function messagePrepayment(fees: Fees): bigint {
  return executionCost(fees, INSTRUCTIONS_MAX);
}

/** What was paid for the longest response and is not needed for this one. */
export function unusedTransmission(fees: Fees, response: Response): bigint {
  const { length } =
    response.kind === 'reply'
      ? response.data
      : new TextEncoder().encode(response.rejection.message);
  const unused = REPLY_SIZE_MAX - BigInt(length);
  return unused > 0n ? fees.callByte * unused : 0n;
}

export function ingressCost(fees: Fees, size: bigint): bigint {
  return fees.ingress + fees.ingressByte * size;
}

export function outcallCost(fees: Fees, requestSize: bigint, responseSizeMax: bigint): bigint {
  const bytes = fees.outcallRequestByte * requestSize + fees.outcallResponseByte * responseSizeMax;
  return fees.outcall + bytes;
}

/** What the canister uses up by existing: its memory and its share of the machine. */
export function idleCost(canister: Canister, fees: Fees, seconds: bigint): bigint {
  return memoryCost(canister, fees, seconds) + computeCost(canister, fees, seconds);
}

export function memoryCost(canister: Canister, fees: Fees, seconds: bigint): bigint {
  const { memoryAllocation } = canister.settings;
  const used = memoryUsage(canister);
  const bytes = used > memoryAllocation ? used : memoryAllocation;
  return (bytes * fees.storageOfGibPerSecond * seconds) / GIB;
}

export function computeCost({ settings }: Canister, fees: Fees, seconds: bigint): bigint {
  return settings.computeAllocation * fees.computePercentPerSecond * seconds;
}

/** The balance below which the canister is frozen: what it uses up in its freezing period. */
export function freezingThreshold(canister: Canister, fees: Fees): bigint {
  return idleCost(canister, fees, canister.settings.freezingThreshold);
}
