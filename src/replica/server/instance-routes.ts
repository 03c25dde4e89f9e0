/**
 * The routes below `/instances/{id}`: PocketIC's view of one replica.
 *
 * Source: specs/replica.md section 1.3.
 */
import type { Principal } from '@dfinity/principal';

import type { Canister } from '../canister.js';
import { hex } from '../hex.js';
import { canisterIdOf } from '../topology.js';
import type { Blobstore } from './blobstore.js';
import type { Instance } from './instance.js';
import { awaitIngress, ingressStatus, query, submitIngress } from './message-routes.js';
import {
  blobField,
  integerField,
  parseExactFields,
  parseFields,
  principalField,
  principalToBase64,
  RequestError,
  stringify,
  stringifyExact,
  toBase64,
  type Fields,
} from './wire.js';

/** The JSON text of the answer. */
type Handler = (instance: Instance, body: Uint8Array, blobs: Blobstore) => string;

const NOTHING = 'null';

/** By method and by path below the instance. */
export const INSTANCE_ROUTES: Readonly<Record<string, Handler>> = {
  'GET /_/topology': (instance) => stringify(topology(instance)),
  'GET /read/topology': (instance) => stringify(topology(instance)),

  'GET /read/get_time': ({ replica }) => stringifyExact({ nanos_since_epoch: replica.clock.now }),
  'POST /update/set_time': ({ replica: { clock } }, body) => {
    const time = integerField(parseExactFields(body), 'nanos_since_epoch');
    if (!clock.set(time)) throw settingTimeIntoPast(clock.now, time);
    return NOTHING;
  },
  'POST /update/set_certified_time': ({ replica: { clock } }, body) => {
    const time = integerField(parseExactFields(body), 'nanos_since_epoch');
    if (!clock.setCertified(time)) throw settingTimeIntoPast(clock.now, time);
    return NOTHING;
  },
  'POST /update/tick': ({ replica }) => {
    replica.executeRound();
    return NOTHING;
  },

  'POST /update/submit_ingress_message': ({ replica }, body) =>
    stringify(submitIngress(replica, parseFields(body))),
  'POST /update/await_ingress_message': ({ replica }, body) =>
    stringify(awaitIngress(replica, parseFields(body))),
  'POST /read/ingress_status': ({ replica }, body) =>
    stringify(ingressStatus(replica, parseFields(body))),
  'POST /read/query': ({ replica }, body) => stringify(query(replica, parseFields(body))),

  'POST /read/get_cycles': (instance, body) =>
    stringifyExact({ cycles: canisterOf(instance, parseFields(body)).cycles }),
  'POST /update/add_cycles': (instance, body) => {
    const fields = parseExactFields(body);
    const { id } = canisterOf(instance, fields);
    const cycles = instance.replica.addCycles(id, integerField(fields, 'amount'));
    return stringifyExact({ cycles });
  },
  'POST /read/get_stable_memory': (instance, body) => {
    const { code } = canisterOf(instance, parseFields(body));
    return stringify({ blob: toBase64(code?.stable.toBytes() ?? new Uint8Array(0)) });
  },
  'POST /update/set_stable_memory': (instance, body, blobs) => {
    const fields = parseFields(body);
    const { id } = canisterOf(instance, fields);
    const bytes = blobs.get(hex(blobField(fields, 'blob_id')));
    if (bytes === undefined) throw new RequestError('the blob store has no such blob');
    if (instance.replica.setStableMemory(id, bytes)) return NOTHING;
    throw new RequestError(`CanisterIsEmpty(${id.toText()})`);
  },
  'POST /read/get_controllers': (instance, body) => {
    const { controllers } = canisterOf(instance, parseFields(body)).settings;
    return stringify(controllers.map((one) => ({ principal_id: principalToBase64(one) })));
  },
  'POST /read/get_subnet': ({ replica }, body) => {
    const id = principalField(parseFields(body), 'canister_id');
    if (replica.canister(id) === undefined) return NOTHING;
    return stringify({ subnet_id: principalToBase64(replica.subnetOf(id).id) });
  },
  'POST /read/pub_key': () => {
    throw new RequestError('this replica has no subnet keys and no certificates yet');
  },

  'GET /auto_progress': (instance) => stringify(instance.isLive),
  'POST /auto_progress': (instance) => {
    instance.startProgress();
    return NOTHING;
  },
  'POST /stop_progress': (instance) => {
    instance.stopProgress();
    return NOTHING;
  },

  // HTTPS outcalls are refused when a canister makes them, so none is ever pending.
  'GET /read/get_canister_http': () => stringify([]),
};

function canisterOf({ replica }: Instance, fields: Fields): Canister {
  const id = principalField(fields, 'canister_id');
  const canister = replica.canister(id);
  if (canister === undefined) throw new RequestError(`CanisterNotFound(${id.toText()})`);
  return canister;
}

function settingTimeIntoPast(now: bigint, asked: bigint): RequestError {
  return new RequestError(`SettingTimeIntoPast((${now}, ${asked}))`);
}

function topology({ replica }: Instance): unknown {
  const configs = replica.subnets.map(({ id, kind, seed, firstIndex, lastIndex }) => [
    id.toText(),
    {
      subnet_kind: kind,
      subnet_seed: [...seed],
      instruction_config: 'Production',
      cost_schedule: 'Free',
      canister_ranges: [
        { start: effectiveId(canisterIdOf(firstIndex)), end: effectiveId(canisterIdOf(lastIndex)) },
      ],
    },
  ]);
  return {
    subnet_configs: Object.fromEntries(configs) as unknown,
    default_effective_canister_id: effectiveId(canisterIdOf(replica.defaultSubnet.firstIndex)),
  };
}

function effectiveId(id: Principal): { canister_id: string } {
  return { canister_id: principalToBase64(id) };
}

/** The description of an instance that creating it gives. */
export function describeInstance(instance: Instance): unknown {
  return { instance_id: instance.id, topology: topology(instance), http_gateway_info: null };
}
