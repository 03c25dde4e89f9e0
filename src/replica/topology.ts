/**
 * The subnets of a replica and the canister ids that each of them gives out. All subnets run in one
 * core: a call across subnets is a call like any other here, what remains of a subnet is its id,
 * its kind and its range.
 *
 * A canister id is an 8-byte big-endian index followed by the bytes 01 01. A subnet owns 2^20
 * indices. The first application subnet begins at ffffffffffe00000, as in PocketIC, and each
 * further subnet one range lower. The NNS subnet begins at 0.
 *
 * The id of a subnet is the hash of its public key, and so is the id of a node. Both keys are made
 * from the seed. Each subnet has one node; the root subnet is the NNS, or else the first.
 *
 * Source: specs/replica.md section 1.4.
 */
import { Principal } from '@dfinity/principal';

import { publicKeyToDer } from './certification/der.js';
import type { Host, Signer } from './host.js';
import { selfAuthenticating } from './principals.js';

export type SubnetKind =
  | 'NNS'
  | 'SNS'
  | 'II'
  | 'Fiduciary'
  | 'Bitcoin'
  | 'System'
  | 'Application'
  | 'VerifiedApplication'
  | 'CloudEngine';

/** Whether canisters pay for what they use. */
export type CostSchedule = 'Normal' | 'Free';

/** The limits on instructions: those of the IC, or such that a benchmark never meets them. */
export type InstructionConfig = 'Production' | 'Benchmarking';

/** A subnet as it is asked for; canisters pay unless the request says otherwise. */
export interface SubnetSpec {
  readonly kind: SubnetKind;
  readonly costSchedule?: CostSchedule | undefined;
  readonly instructionConfig?: InstructionConfig | undefined;
}

/** Whoever can sign: the id is the hash of the public key, and the key is in its DER form. */
export interface KeyHolder {
  readonly id: Principal;
  readonly publicKey: Uint8Array;
  readonly signer: Signer;
}

export interface Subnet extends KeyHolder {
  readonly kind: SubnetKind;
  readonly costSchedule: CostSchedule;
  readonly instructionConfig: InstructionConfig;
  readonly seed: Uint8Array;
  readonly firstIndex: bigint;
  readonly lastIndex: bigint;
  /** Signs the answers to queries. */
  readonly node: KeyHolder;
}

const RANGE_SIZE = 2n ** 20n;
const FIRST_RANGE = 0xffff_ffff_ffe0_0000n;

export function makeSubnets(
  host: Host,
  seed: Uint8Array,
  specs: readonly (SubnetSpec | SubnetKind)[],
): readonly Subnet[] {
  const kinds = specs.map((spec) => (typeof spec === 'string' ? spec : spec.kind));
  let lowered = 0n;
  const firstIndexOf = (kind: SubnetKind): bigint =>
    kind === 'NNS' ? 0n : FIRST_RANGE - RANGE_SIZE * lowered++;
  // Application subnets come first in the count, so that the usual ids do not depend on the others.
  const order = [...kinds.keys()].sort((a, b) => rank(kinds[a]!) - rank(kinds[b]!) || a - b);
  const firstIndices = new Map(order.map((position) => [position, firstIndexOf(kinds[position]!)]));
  return specs.map((spec, position) => {
    const kind = kinds[position]!;
    const subnetSeed = host.sha256(seed, new TextEncoder().encode(`subnet ${position}`));
    const firstIndex = firstIndices.get(position)!;
    return {
      ...makeKeyHolder(host, 'bls', subnetSeed),
      kind,
      costSchedule: costScheduleOf(spec),
      instructionConfig: instructionConfigOf(spec),
      seed: subnetSeed,
      firstIndex,
      lastIndex: firstIndex + RANGE_SIZE - 1n,
      node: makeKeyHolder(host, 'ed25519', subnetSeed),
    };
  });
}

function makeKeyHolder(host: Host, algorithm: 'bls' | 'ed25519', seed: Uint8Array): KeyHolder {
  const signer = host.signer(algorithm, seed);
  const publicKey = publicKeyToDer({ algorithm, key: signer.publicKey });
  return { id: selfAuthenticating(host, publicKey), publicKey, signer };
}

/** The subnet whose key vouches for all others. */
export function rootSubnet(subnets: readonly Subnet[]): Subnet {
  return subnets.find(({ kind }) => kind === 'NNS') ?? subnets[0]!;
}

export function canisterIdOf(index: bigint): Principal {
  const bytes = new Uint8Array(10);
  let rest = index;
  for (let position = 7; position >= 0; position--, rest >>= 8n) {
    bytes[position] = Number(rest & 0xffn);
  }
  bytes.set([1, 1], 8);
  return Principal.fromUint8Array(bytes);
}

/** The subnet in whose range the id lies. */
export function subnetOf(subnets: readonly Subnet[], canisterId: Principal): Subnet | undefined {
  const index = canisterIndexOf(canisterId);
  if (index === undefined) return undefined;
  return subnets.find(({ firstIndex, lastIndex }) => firstIndex <= index && index <= lastIndex);
}

/** Where canisters go that nobody placed. */
export function defaultSubnet(subnets: readonly Subnet[]): Subnet {
  return subnets.find(({ kind }) => kind === 'Application') ?? subnets[0]!;
}

function costScheduleOf(spec: SubnetSpec | SubnetKind): CostSchedule {
  return typeof spec === 'string' ? 'Normal' : (spec.costSchedule ?? 'Normal');
}

function instructionConfigOf(spec: SubnetSpec | SubnetKind): InstructionConfig {
  return typeof spec === 'string' ? 'Production' : (spec.instructionConfig ?? 'Production');
}

function rank(kind: SubnetKind): number {
  return kind === 'Application' ? 0 : 1;
}

/** Whether an id has the form of those that subnets give out; also that of the system itself. */
export function isCanisterId(id: Principal): boolean {
  return id.toUint8Array().length === 0 || canisterIndexOf(id) !== undefined;
}

/** The inverse of {@link canisterIdOf}; undefined for ids that are no canister's. */
export function canisterIndexOf(canisterId: Principal): bigint | undefined {
  const bytes = canisterId.toUint8Array();
  if (bytes.length !== 10 || bytes[8] !== 1 || bytes[9] !== 1) return undefined;
  return bytes.subarray(0, 8).reduce((index, byte) => (index << 8n) | BigInt(byte), 0n);
}
