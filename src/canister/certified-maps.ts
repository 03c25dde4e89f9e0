/**
 * The certified maps of the store. A canister has one certified datum, so their trees hang below
 * one root, each below the name of its map:
 *
 *     root ── "balances" ── "ada" ── the value
 *          └─ "names"    ── ...
 *
 * So a client looks a key up under `[name, key]`, the key as the map encodes it: texts in UTF-8,
 * `nat64` in 8 bytes, big-endian, `int64` as `nat64` with its first bit turned over, principals and
 * blobs as their bytes.
 *
 * Source: `src/lib/certification/join-trees.ts`.
 */
import {
  encodeHashTree,
  encodeUtf8,
  joinTrees,
  reconstruct,
  type HashTree,
  type LabeledTree,
  type SCertifiedBTreeMap,
} from '../lib/index.js';

/** A certified map whose keys and values are handled encoded. */
export type CertifiedEntries = SCertifiedBTreeMap<Uint8Array, Uint8Array>;

export class CertifiedMaps {
  readonly #maps = new Map<string, CertifiedEntries>();

  /** `certify` gets the root hash of all maps whenever it may have changed. */
  constructor(private readonly certify: (rootHash: Uint8Array) => void) {}

  add(name: string, entries: CertifiedEntries): void {
    this.#maps.set(name, entries);
  }

  /** Commits what has changed, and certifies all of it. O(changes * depth + maps). */
  commit(): void {
    if (this.#maps.size === 0) return;
    for (const entries of this.#maps.values()) entries.commit();
    this.certify(reconstruct(joinTrees(this.#parts())));
  }

  /** What proves the value of a key, or that there is none, in CBOR. O(depth + maps). */
  witness(name: string, key: Uint8Array): Uint8Array {
    const shown = this.#maps.get(name)!.witness(key);
    return encodeHashTree(joinTrees(this.#parts({ name, tree: shown })));
  }

  /** The trees of all maps, of which one may be shown. */
  #parts(shown?: { readonly name: string; readonly tree: HashTree }): LabeledTree[] {
    return Array.from(this.#maps, ([name, { rootHash }]) => ({
      label: encodeUtf8(name),
      tree: name === shown?.name ? shown.tree : [4, rootHash],
    }));
  }
}
