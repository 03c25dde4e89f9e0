/**
 * The identity of a state directory: the file `replica.json`, written once. Its seed is the source
 * of everything random in the replica and of the keys of its subnets, so it is made from the real
 * randomness of the machine, and only the owner may read it.
 *
 *     FIELD    VALUE
 *     version  1
 *     seed     32 bytes in hexadecimal
 *     time     when it was made, in nanoseconds since 1970, as a text
 *     subnets  the kinds of the subnets, in order
 *     system   whether the ledgers and the cycles minting canister are there
 *
 * Source: own design.
 */
import { createHash, randomBytes } from 'node:crypto';

import { StateError } from '../archive/state-error.js';
import type { SubnetKind } from '../topology.js';
import { FINGERPRINT_SIZE } from './record-file.js';

export interface Identity {
  readonly seed: Uint8Array;
  readonly time: bigint;
  readonly subnets: readonly SubnetKind[];
  readonly system: boolean;
}

const VERSION = 1;
const SEED_SIZE = 32;

export function freshIdentity(
  time: bigint,
  subnets: readonly SubnetKind[] = ['Application'],
): Identity {
  return {
    seed: new Uint8Array(randomBytes(SEED_SIZE)),
    time,
    subnets,
    system: true,
  };
}

export function writeIdentity({ seed, time, subnets, system }: Identity): string {
  const fields = {
    version: VERSION,
    seed: Buffer.from(seed).toString('hex'),
    time: String(time),
    subnets,
    system,
  };
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}

/** Throws `StateError` where the text is no identity. */
export function readIdentity(path: string, text: string): Identity {
  const { version, seed, time, subnets, system } = fieldsOf(path, text);
  if (version !== VERSION) {
    const found = JSON.stringify(version);
    const problem = `${path}: expected version ${VERSION}, found ${found}`;
    throw new StateError('UNSUPPORTED_VERSION', problem);
  }
  if (typeof seed !== 'string' || !/^[0-9a-f]{64}$/.test(seed)) throw damaged(path, 'seed');
  if (typeof time !== 'string' || !/^\d{1,20}$/.test(time)) throw damaged(path, 'time');
  if (!Array.isArray(subnets) || subnets.length === 0) throw damaged(path, 'subnets');
  if (typeof system !== 'boolean') throw damaged(path, 'system');
  return {
    seed: new Uint8Array(Buffer.from(seed, 'hex')),
    time: BigInt(time),
    subnets: subnets as SubnetKind[],
    system,
  };
}

/** Ties the other files of a state directory to its identity, and gives nothing of it away. */
export function fingerprintOf(identity: Identity): Uint8Array {
  const hash = createHash('sha256').update(writeIdentity(identity)).digest();
  return new Uint8Array(hash.subarray(0, FINGERPRINT_SIZE));
}

function fieldsOf(path: string, text: string): Record<string, unknown> {
  try {
    const fields: unknown = JSON.parse(text);
    if (typeof fields === 'object' && fields !== null) return fields as Record<string, unknown>;
  } catch {
    // Said below, in words that name the file.
  }
  throw new StateError('DAMAGED', `${path}: expected a JSON object`);
}

function damaged(path: string, field: string): StateError {
  return new StateError('DAMAGED', `${path}: the field '${field}' is not what was written`);
}
