/**
 * Canister signatures: a canister signs by certifying. Its certified data is the root of a tree in
 * which the hash of the message stands, below the hash of the seed that tells its keys apart.
 *
 *     public key   length of the canister id in one byte . canister id . seed
 *     signature    CBOR of { certificate, tree }
 *     tree         /sig/<SHA-256 of seed>/<SHA-256 of message>
 *
 * Source: IC interface specification, "Canister signatures".
 */
import { Principal } from '@dfinity/principal';

import { sameBytes } from '../bytes.js';
import { CborError, decodeCbor } from '../certification/cbor.js';
import { path } from '../certification/certifier.js';
import { lookup, TreeBuilder, type HashTree } from '../certification/hash-tree.js';
import { decodeTree } from '../certification/tree-encoding.js';
import { verifyCertificate } from '../certification/verify-certificate.js';
import type { Verifier } from './signature.js';

export interface CanisterKey {
  readonly canisterId: Principal;
  readonly seed: Uint8Array;
}

const PRINCIPAL_SIZE_MAX = 29;

/** Undefined where the bytes are no key. */
export function readCanisterKey(key: Uint8Array): CanisterKey | undefined {
  const size = key[0];
  if (size === undefined || size > PRINCIPAL_SIZE_MAX || key.length < 1 + size) return undefined;
  const canisterId = Principal.fromUint8Array(key.slice(1, 1 + size));
  return { canisterId, seed: key.subarray(1 + size) };
}

/** Why the signature is not accepted; undefined where it is. */
export function refuseCanisterSignature(
  { host, rootKey }: Verifier,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): string | undefined {
  const refuse = (why: string): string => `Invalid canister signature: ${why}`;
  const canisterKey = readCanisterKey(key);
  if (canisterKey === undefined) return 'Invalid public key: no key of a canister';
  const builder = new TreeBuilder(host);
  const parts = readSignature(builder, signature);
  if (parts === undefined) return refuse('malformed');
  const { canisterId, seed } = canisterKey;
  const certified = verifyCertificate({ host, rootKey }, parts.certificate, canisterId);
  if (typeof certified === 'string') return refuse(certified);
  const data = lookup(certified, path('canister', canisterId.toUint8Array(), 'certified_data'));
  const isCertified =
    data.kind === 'found' &&
    data.tree.kind === 'leaf' &&
    sameBytes(data.tree.value, parts.tree.hash);
  if (!isCertified) return refuse('the canister does not certify the tree');
  const signed = lookup(parts.tree, path('sig', host.sha256(seed), host.sha256(message)));
  return signed.kind === 'found' ? undefined : refuse('the tree does not hold the message');
}

function readSignature(
  builder: TreeBuilder,
  bytes: Uint8Array,
): { certificate: Uint8Array; tree: HashTree } | undefined {
  try {
    const fields = decodeCbor(bytes);
    const certificate = fields instanceof Map ? (fields.get('certificate') as unknown) : undefined;
    if (!(certificate instanceof Uint8Array)) return undefined;
    return {
      certificate,
      tree: decodeTree(builder, (fields as Map<unknown, unknown>).get('tree')),
    };
  } catch (thrown) {
    if (thrown instanceof CborError) return undefined;
    throw thrown;
  }
}
