/**
 * How many instructions a message may use, by its kind. The numbers are those of the Internet
 * Computer; a replica may be given others, so that tests need not run for minutes. A subnet for
 * benchmarks lets updates and trees of queries use a hundred trillion. Their fees are those of any
 * other subnet, and so is what has to be there before a message begins.
 *
 * Source: specs/replica.md section 4.3; dfinity/ic, `SubnetInstructionConfig`.
 */
import type { Mode } from './entry-point.js';
import type { InstructionConfig } from './topology.js';

const BILLION = 1_000_000_000n;
const MILLION = 1_000_000n;

export interface InstructionLimits {
  /** Updates, replicated queries, callbacks, timers, heartbeats. */
  readonly update: bigint;
  readonly query: bigint;
  /** A query and all that it calls. */
  readonly queryTree: bigint;
  /** An installation or an upgrade, all of its stages together. */
  readonly installation: bigint;
  readonly inspection: bigint;
}

export const INSTRUCTION_LIMITS: InstructionLimits = {
  update: 40n * BILLION,
  query: 5n * BILLION,
  queryTree: 5n * BILLION,
  installation: 300n * BILLION,
  inspection: 200n * MILLION,
};

const BENCHMARK_LIMIT = 100_000n * BILLION - 1n;

const KINDS: Readonly<Record<Mode, keyof InstructionLimits>> = {
  s: 'installation',
  I: 'installation',
  G: 'installation',
  U: 'update',
  RQ: 'update',
  Ry: 'update',
  Rt: 'update',
  C: 'update',
  T: 'update',
  NRQ: 'query',
  TQ: 'query',
  CQ: 'query',
  CRy: 'query',
  CRt: 'query',
  CC: 'query',
  F: 'inspection',
};

/** The limits on a subnet, where these are the usual ones. */
export function limitsOn(config: InstructionConfig, usual: InstructionLimits): InstructionLimits {
  if (config === 'Production') return usual;
  return { ...usual, update: BENCHMARK_LIMIT, queryTree: BENCHMARK_LIMIT };
}

export function instructionLimit(limits: InstructionLimits, mode: Mode): bigint {
  return limits[KINDS[mode]];
}
