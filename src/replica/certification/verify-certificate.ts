/**
 * Verifies certificates, as clients do: the root hash of the tree is signed with the root key, or
 * with the key of a subnet that the root subnet vouches for. The replica itself does so where a
 * canister signs for a user.
 *
 * Source: IC interface specification, "Certificate" and "Delegation".
 */
import type { Principal } from '@dfinity/principal';

import { concatBytes } from '../bytes.js';
import type { Host } from '../host.js';
import { CborError, decodeCbor } from './cbor.js';
import { path } from './certifier.js';
import { publicKeyFromDer } from './der.js';
import {
  childrenOf,
  compareLabels,
  domainSeparator,
  lookup,
  TreeBuilder,
  type HashTree,
  type Path,
} from './hash-tree.js';
import { decodeTree } from './tree-encoding.js';

export interface TrustAnchor {
  readonly host: Pick<Host, 'sha256' | 'verify'>;
  /** In its DER form. */
  readonly rootKey: Uint8Array;
}

const STATE_ROOT = domainSeparator('ic-state-root');

/** The tree of the certificate, if it may speak about this canister; otherwise why not. */
export function verifyCertificate(
  anchor: TrustAnchor,
  bytes: Uint8Array,
  canisterId: Principal,
): HashTree | string {
  const certificate = readCertificate(anchor, bytes);
  if (certificate === undefined) return 'the certificate is malformed';
  const { tree, signature, delegation } = certificate;
  const key = delegation ? delegatedKey(anchor, delegation, canisterId) : anchor.rootKey;
  if (typeof key === 'string') return key;
  const isSigned = isSignedBy(anchor, key, tree, signature);
  return isSigned ? tree : 'the signature of the certificate does not verify';
}

interface Certificate {
  readonly tree: HashTree;
  readonly signature: Uint8Array;
  readonly delegation: CertificateDelegation | undefined;
}

interface CertificateDelegation {
  readonly subnetId: Uint8Array;
  readonly certificate: Uint8Array;
}

function isSignedBy(
  { host }: TrustAnchor,
  keyDer: Uint8Array,
  { hash }: HashTree,
  signature: Uint8Array,
): boolean {
  const key = publicKeyFromDer(keyDer);
  if (key?.algorithm !== 'bls') return false;
  return host.verify('bls', key.key, concatBytes(STATE_ROOT, hash), signature);
}

/** The key of the subnet; a text where the subnet is not entitled to speak about the canister. */
function delegatedKey(
  anchor: TrustAnchor,
  { subnetId, certificate }: CertificateDelegation,
  canisterId: Principal,
): Uint8Array | string {
  const inner = readCertificate(anchor, certificate);
  if (inner === undefined) return 'the certificate of the delegation is malformed';
  if (inner.delegation !== undefined) return 'the delegation rests on another delegation';
  if (!isSignedBy(anchor, anchor.rootKey, inner.tree, inner.signature)) {
    return 'the signature of the delegation does not verify';
  }
  const inRange = rangesIn(inner.tree, subnetId).some(([first, last]) => {
    const id = canisterId.toUint8Array();
    return compareLabels(first, id) <= 0 && compareLabels(id, last) <= 0;
  });
  if (!inRange) return 'the canister is not in the ranges of the subnet';
  const key = leafAt(inner.tree, path('subnet', subnetId, 'public_key'));
  return key ?? 'the delegation does not hold the key of the subnet';
}

type Range = readonly [first: Uint8Array, last: Uint8Array];

/** Both places where ranges may stand, in however many shards. */
function rangesIn(tree: HashTree, subnetId: Uint8Array): Range[] {
  const flat = leafAt(tree, path('subnet', subnetId, 'canister_ranges'));
  const sharded = lookup(tree, path('canister_ranges', subnetId));
  const shards = sharded.kind === 'found' ? childrenOf(sharded.tree) : [];
  const values = shards.flatMap(({ subtree }) => (subtree.kind === 'leaf' ? [subtree.value] : []));
  return [...(flat === undefined ? [] : [flat]), ...values].flatMap(readRanges);
}

function readRanges(bytes: Uint8Array): Range[] {
  const ranges = decodedOr(bytes, []);
  if (!Array.isArray(ranges)) return [];
  return (ranges as unknown[]).filter(
    (range): range is Range & unknown[] =>
      Array.isArray(range) && range.length === 2 && range.every((end) => end instanceof Uint8Array),
  );
}

function leafAt(tree: HashTree, at: Path): Uint8Array | undefined {
  const found = lookup(tree, at);
  return found.kind === 'found' && found.tree.kind === 'leaf' ? found.tree.value : undefined;
}

function readCertificate({ host }: TrustAnchor, bytes: Uint8Array): Certificate | undefined {
  const fields = decodedOr(bytes, undefined);
  if (!(fields instanceof Map)) return undefined;
  const signature = fields.get('signature') as unknown;
  if (!(signature instanceof Uint8Array)) return undefined;
  const delegation = readDelegation(fields.get('delegation'));
  if (delegation === 'malformed') return undefined;
  try {
    return { tree: decodeTree(new TreeBuilder(host), fields.get('tree')), signature, delegation };
  } catch (thrown) {
    if (thrown instanceof CborError) return undefined;
    throw thrown;
  }
}

function readDelegation(value: unknown): CertificateDelegation | 'malformed' | undefined {
  if (value === undefined) return undefined;
  if (!(value instanceof Map)) return 'malformed';
  const [subnetId, certificate] = [value.get('subnet_id') as unknown, value.get('certificate')];
  const isWhole = subnetId instanceof Uint8Array && certificate instanceof Uint8Array;
  return isWhole ? { subnetId, certificate } : 'malformed';
}

function decodedOr<Otherwise>(bytes: Uint8Array, otherwise: Otherwise): unknown {
  try {
    return decodeCbor(bytes);
  } catch (thrown) {
    if (thrown instanceof CborError) return otherwise;
    throw thrown;
  }
}
