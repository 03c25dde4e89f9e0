/**
 * How many instructions a message may use, by its kind. The numbers are those of the Internet
 * Computer; a replica may be given others, so that tests need not run for minutes.
 *
 * Source: specs/replica.md section 4.3.
 */
import type { Mode } from './entry-point.js';

const BILLION = 1_000_000_000n;
const MILLION = 1_000_000n;

export interface InstructionLimits {
  /** Updates, replicated queries, callbacks, timers, heartbeats. */
  readonly update: bigint;
  readonly query: bigint;
  /** An installation or an upgrade, all of its stages together. */
  readonly installation: bigint;
  readonly inspection: bigint;
}

export const INSTRUCTION_LIMITS: InstructionLimits = {
  update: 40n * BILLION,
  query: 5n * BILLION,
  installation: 300n * BILLION,
  inspection: 200n * MILLION,
};

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

export function instructionLimit(limits: InstructionLimits, mode: Mode): bigint {
  return limits[KINDS[mode]];
}
