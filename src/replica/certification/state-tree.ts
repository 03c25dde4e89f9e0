/**
 * The state of a subnet as a tree: what the subnet certifies, and what anybody may ask about it.
 *
 *     /time
 *     /subnet/<id>/public_key, type, canister_ranges     of every subnet
 *     /subnet/<id>/node/<id>/public_key, metrics         of the subnet itself
 *     /canister_ranges/<subnet id>/<first canister id>   all ranges of a subnet in one value
 *     /request_status/<id>/status, reply, reject_code, reject_message, error_code
 *     /canister/<id>/controllers, module_hash, certified_data, metadata/<name>
 *
 * Canisters, modules and ingress messages are values, so the part of the tree that belongs to one
 * is made once and kept as long as the value. A tree costs what has changed since the last one, and
 * a hash for each thing that has not.
 *
 * Source: IC interface specification, "The system state tree"; specs/replica.md section 2.7.
 */
import type { Principal } from '@dfinity/principal';
import type { Canister } from '../canister.js';
import type { CompiledModule } from '../host.js';
import { ingressOf, type IngressMessage } from '../ingress-history.js';
import type { ReplicaState } from '../state.js';
import { usageOf } from '../subnet-usage.js';
import type { Subnet, SubnetKind } from '../topology.js';
import { encodeRanges, rangesOf } from './canister-ranges.js';
import { encodeCbor } from './cbor.js';
import type { TreeBuilder } from './hash-tree.js';
import { type HashTree, type Labeled } from './hash-tree.js';
import { leb128 } from './leb128.js';
import { metadataOf } from './metadata.js';
import { requestStatus } from './request-status.js';
import { encodeMetrics } from './subnet-metrics.js';

const utf8 = new TextEncoder();

/** The words that the Internet Computer has for the types of subnets; kinds are finer. */
const TYPE_OF: Readonly<Record<SubnetKind, string>> = {
  NNS: 'system',
  II: 'system',
  Bitcoin: 'system',
  System: 'system',
  SNS: 'application',
  Fiduciary: 'application',
  Application: 'application',
  VerifiedApplication: 'verified_application',
  CloudEngine: 'cloud_engine',
};

/** A subnet with the ids that its canisters get, which the tree shows in two places. */
interface Place {
  readonly subnet: Subnet;
  readonly firstCanister: Principal;
  readonly encodedRanges: Uint8Array;
}

export class StateTrees {
  readonly #tree: TreeBuilder;
  readonly #canisters = new WeakMap<Canister, Labeled>();
  readonly #metadata = new WeakMap<CompiledModule, HashTree>();
  readonly #requests = new WeakMap<IngressMessage, Labeled>();

  constructor(builder: TreeBuilder) {
    this.#tree = builder;
  }

  treeOf(state: ReplicaState, self: Subnet): HashTree {
    const tree = this.#tree;
    const canisters = state.canisters().filter(({ id }) => state.subnetOf(id) === self);
    const places = state.subnets.map((subnet) => placeOf(state, subnet));
    const subnets = places.map((one) =>
      one.subnet === self ? this.#own(state, one, canisters) : this.#subnet(one),
    );
    const requests = ingressOf(state.ingressHistory, self.id);
    return tree.node([
      tree.labeled('time', leb128(state.clock.roundTime)),
      tree.labeled('subnet', tree.node(subnets)),
      tree.labeled('canister_ranges', tree.node(places.map((one) => this.#shard(one)))),
      tree.labeled('canister', tree.node(canisters.map((one) => this.#canister(one)))),
      tree.labeled('request_status', tree.node(requests.map((one) => this.#request(one)))),
    ]);
  }

  /** A subnet knows more of itself than of others. */
  #own(state: ReplicaState, place: Place, canisters: readonly Canister[]): Labeled {
    const tree = this.#tree;
    const { subnet } = place;
    const { id, publicKey } = subnet.node;
    const node = tree.labeled(id.toUint8Array(), tree.labeled('public_key', publicKey));
    const metrics = encodeMetrics(canisters, usageOf(state, subnet.id));
    return this.#subnet(place, [tree.labeled('node', node), tree.labeled('metrics', metrics)]);
  }

  #subnet({ subnet, encodedRanges }: Place, more: readonly Labeled[] = []): Labeled {
    const tree = this.#tree;
    const parts = [
      tree.labeled('public_key', subnet.publicKey),
      tree.labeled('type', utf8.encode(TYPE_OF[subnet.kind])),
      tree.labeled('canister_ranges', encodedRanges),
      ...more,
    ];
    return tree.labeled(subnet.id.toUint8Array(), tree.node(parts));
  }

  /** NOTE: One shard holds all ranges: some clients search among several in the wrong place. */
  #shard({ subnet, firstCanister, encodedRanges }: Place): Labeled {
    const tree = this.#tree;
    const shard = tree.labeled(firstCanister.toUint8Array(), encodedRanges);
    return tree.labeled(subnet.id.toUint8Array(), shard);
  }

  #canister(canister: Canister): Labeled {
    return remembered(this.#canisters, canister, () => {
      const tree = this.#tree;
      const { id, settings, code } = canister;
      const controllers = settings.controllers.map((one) => one.toUint8Array());
      const parts = [tree.labeled('controllers', encodeCbor(controllers))];
      if (code !== undefined) {
        parts.push(
          tree.labeled('module_hash', code.moduleHash),
          tree.labeled('certified_data', code.certifiedData),
          tree.labeled('metadata', this.#metadataOf(code.module)),
        );
      }
      return tree.labeled(id.toUint8Array(), tree.node(parts));
    });
  }

  #metadataOf(module: CompiledModule): HashTree {
    return remembered(this.#metadata, module, () => {
      const tree = this.#tree;
      const sections = [...metadataOf(module)];
      return tree.node(sections.map(([name, { content }]) => tree.labeled(name, content)));
    });
  }

  #request(message: IngressMessage): Labeled {
    return remembered(this.#requests, message, () => {
      const tree = this.#tree;
      const fields = requestStatus(message).map(([name, value]) => tree.labeled(name, value));
      return tree.labeled(message.id, tree.node(fields));
    });
  }
}

function placeOf(state: ReplicaState, subnet: Subnet): Place {
  const ranges = rangesOf(state, subnet);
  return { subnet, firstCanister: ranges[0]!.first, encodedRanges: encodeRanges(ranges) };
}

function remembered<Key extends object, Value>(
  values: WeakMap<Key, Value>,
  key: Key,
  make: () => Value,
): Value {
  const known = values.get(key);
  if (known !== undefined) return known;
  const made = make();
  values.set(key, made);
  return made;
}
