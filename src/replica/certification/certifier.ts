/**
 * Certificates: the root hash of a subnet's state, signed with the subnet's key, and a witness of
 * what somebody asked for. Where the subnet is not the root, a certificate of the root subnet comes
 * along, which vouches for the key and for the canister ids that it may speak about.
 *
 * A signature takes milliseconds. So nothing is signed before somebody asks, and as long as a
 * subnet's root hash stays what it was, so does its signature.
 *
 * Source: IC interface specification, "Certificate" and "Delegation"; specs/replica.md section 2.6.
 */
import type { Principal } from '@dfinity/principal';

import { concatBytes } from '../bytes.js';
import { hex } from '../hex.js';
import type { ReplicaState } from '../state.js';
import { rootSubnet, type Subnet } from '../topology.js';
import { encodeCbor } from './cbor.js';
import { domainSeparator, TreeBuilder, type HashTree, type Label, type Path } from './hash-tree.js';
import { StateTrees } from './state-tree.js';
import { encodeTree } from './tree-encoding.js';
import { witness } from './witness.js';

const utf8 = new TextEncoder();
const STATE_ROOT = domainSeparator('ic-state-root');

interface Signature {
  readonly rootHash: string;
  readonly bytes: Uint8Array;
}

export class Certifier {
  readonly #state: ReplicaState;
  readonly #trees: StateTrees;
  readonly #signatures = new Map<Subnet, Signature>();

  constructor(state: ReplicaState) {
    this.#state = state;
    this.#trees = new StateTrees(new TreeBuilder(state.host));
  }

  /** A certificate of the paths, and of the time, in its encoding. */
  certify(subnet: Subnet, paths: readonly Path[]): Uint8Array {
    const tree = this.#trees.treeOf(this.#state, subnet);
    const certificate = {
      tree: encodeTree(witness(tree, [path('time'), ...paths])),
      signature: this.#sign(subnet, tree),
    };
    if (subnet === this.#root) return encodeCbor(certificate);
    return encodeCbor({ ...certificate, delegation: this.#delegationTo(subnet) });
  }

  /** What `data_certificate_copy` gives to a canister. */
  certifyData(canisterId: Principal): Uint8Array {
    const data = path('canister', canisterId.toUint8Array(), 'certified_data');
    return this.certify(this.#state.subnetOf(canisterId), [data]);
  }

  get #root(): Subnet {
    return rootSubnet(this.#state.subnets);
  }

  #sign(subnet: Subnet, { hash }: HashTree): Uint8Array {
    const rootHash = hex(hash);
    const known = this.#signatures.get(subnet);
    if (known?.rootHash === rootHash) return known.bytes;
    const bytes = subnet.signer.sign(concatBytes(STATE_ROOT, hash));
    this.#signatures.set(subnet, { rootHash, bytes });
    return bytes;
  }

  #delegationTo({ id }: Subnet): { subnet_id: Uint8Array; certificate: Uint8Array } {
    const subnetId = id.toUint8Array();
    const certificate = this.certify(this.#root, [
      path('subnet', subnetId, 'public_key'),
      path('subnet', subnetId, 'canister_ranges'),
      path('canister_ranges', subnetId),
    ]);
    return { subnet_id: subnetId, certificate };
  }
}

/** A path of labels, some of them given as texts. */
export function path(...labels: readonly (string | Label)[]): Path {
  return labels.map((label) => (typeof label === 'string' ? utf8.encode(label) : label));
}
