/**
 * The routes below `/instances/{id}`: PocketIC's view of one replica.
 *
 * Source: specs/replica.md section 1.3.
 */
import type { Principal } from '@dfinity/principal';

import type { Canister } from '../canister.js';
import { hex } from '../hex.js';
import { samePrincipal } from '../principals.js';
import type { Replica } from '../replica.js';
import type { Subnet } from '../topology.js';
import type { Blobstore } from './blobstore.js';
import { jsonAnswer, type HttpAnswer } from './http.js';
import { readAutoProgress } from './instance-config.js';
import { INSTANCE_PAGES } from './instance-pages.js';
import type { Instance } from './instance.js';
import { awaitIngress, ingressStatus, query, submitIngress } from './message-routes.js';
import {
  blockmakerNotFound,
  canisterIsEmpty,
  canisterNotFound,
  conversionError,
  settingTimeIntoPast,
  subnetNotFound,
} from './pocket-ic-error.js';
import { mockOutcall, pendingOutcalls } from './outcall-routes.js';
import { downloadSnapshot, uploadSnapshot, type SnapshotOwner } from './snapshot-folder.js';
import { describeTopology } from './topology-route.js';
import {
  asFields,
  blobField,
  integerField,
  isGiven,
  listField,
  objectField,
  parseExactFields,
  parseFields,
  principalField,
  principalToBase64,
  stringify,
  stringifyExact,
  textField,
  toBase64,
  U128_MAX,
  type Fields,
} from './wire.js';

type Handler = (instance: Instance, body: Uint8Array, blobs: Blobstore) => HttpAnswer;

const NOTHING = jsonAnswer('null');

/** By method and by path below the instance. */
export const INSTANCE_ROUTES: Readonly<Record<string, Handler | undefined>> = {
  ...INSTANCE_PAGES,
  'GET /read/topology': ({ replica }) => json(describeTopology(replica)),

  'GET /read/get_time': ({ replica }) => exactJson({ nanos_since_epoch: replica.clock.now }),
  'POST /update/set_time': ({ replica }, body) => {
    const time = integerField(parseExactFields(body), 'nanos_since_epoch');
    if (!replica.setTime(time)) throw settingTimeIntoPast(replica.clock.now, time);
    return NOTHING;
  },
  'POST /update/set_certified_time': ({ replica }, body) => {
    const time = integerField(parseExactFields(body), 'nanos_since_epoch');
    if (!replica.setCertifiedTime(time)) throw settingTimeIntoPast(replica.clock.now, time);
    return NOTHING;
  },
  'POST /update/tick': (instance, body) => {
    checkBlockmakers(instance, parseFields(body));
    instance.replica.executeRound();
    return NOTHING;
  },

  'POST /update/submit_ingress_message': ({ replica }, body) =>
    json(submitIngress(replica, parseFields(body))),
  'POST /update/await_ingress_message': ({ replica }, body) =>
    json(awaitIngress(replica, parseFields(body))),
  'POST /read/ingress_status': ({ replica }, body) =>
    json(ingressStatus(replica, parseFields(body))),
  'POST /read/query': ({ replica }, body) => json(query(replica, parseFields(body))),

  'POST /read/get_cycles': (instance, body) =>
    exactJson({ cycles: canisterOf(instance, parseFields(body)).cycles }),
  'POST /update/add_cycles': (instance, body) => {
    const fields = parseExactFields(body);
    const { id } = canisterOf(instance, fields);
    return exactJson({ cycles: instance.replica.addCycles(id, cyclesField(fields)) });
  },
  'POST /read/get_stable_memory': (instance, body) => {
    const { id, code } = canisterOf(instance, parseFields(body));
    if (code === undefined) throw canisterIsEmpty(id);
    return json({ blob: toBase64(code.stable.toBytes()) });
  },
  'POST /update/set_stable_memory': (instance, body, blobs) => {
    const fields = parseFields(body);
    const { id } = canisterOf(instance, fields);
    const bytes = blobs.get(hex(blobField(fields, 'blob_id')));
    if (bytes === undefined) throw conversionError('Bad blob id');
    if (!instance.replica.setStableMemory(id, bytes)) throw canisterIsEmpty(id);
    return NOTHING;
  },
  'POST /read/get_controllers': (instance, body) => {
    const { controllers } = canisterOf(instance, parseFields(body)).settings;
    return json(controllers.map((one) => ({ principal_id: principalToBase64(one) })));
  },
  'POST /read/get_subnet': ({ replica }, body) => {
    const id = principalField(parseFields(body), 'canister_id');
    if (replica.canister(id) === undefined) return NOTHING;
    return json({ subnet_id: principalToBase64(replica.subnetOf(id).id) });
  },

  'POST /read/pub_key': ({ replica }, body) => {
    const subnet = subnetOf(replica, principalField(parseFields(body), 'subnet_id'));
    return json([...subnet.publicKey]);
  },

  'POST /update/canister_snapshot_download': (instance, body) => {
    const fields = parseFields(body);
    const owner = snapshotOwner(instance, fields);
    downloadSnapshot(owner, blobField(fields, 'snapshot_id'), textField(fields, 'snapshot_dir'));
    return NOTHING;
  },
  'POST /update/canister_snapshot_upload': (instance, body) => {
    const fields = parseFields(body);
    const owner = snapshotOwner(instance, fields);
    const replaced = isGiven(fields, 'replace_snapshot')
      ? blobField(objectField(fields, 'replace_snapshot'), 'snapshot_id')
      : undefined;
    const id = uploadSnapshot(owner, replaced, textField(fields, 'snapshot_dir'));
    return json({ snapshot_id: toBase64(id) });
  },

  'GET /read/get_canister_http': ({ replica }) => json(pendingOutcalls(replica)),
  'POST /update/mock_canister_http': ({ replica }, body) => {
    mockOutcall(replica, parseExactFields(body));
    return NOTHING;
  },

  'GET /auto_progress': (instance) => json(instance.isLive),
  'POST /auto_progress': (instance, body) => {
    instance.startProgress(readAutoProgress(parseExactFields(body)));
    return NOTHING;
  },
  'POST /stop_progress': (instance) => {
    instance.stopProgress();
    return NOTHING;
  },
};

function json(value: unknown): HttpAnswer {
  return jsonAnswer(stringify(value));
}

function exactJson(value: unknown): HttpAnswer {
  return jsonAnswer(stringifyExact(value));
}

function canisterOf({ replica }: Instance, fields: Fields): Canister {
  const id = principalField(fields, 'canister_id');
  const canister = replica.canister(id);
  if (canister === undefined) throw canisterNotFound(id);
  return canister;
}

/** Never more than the system can count. */
function cyclesField(fields: Fields): bigint {
  return integerField(fields, 'amount', U128_MAX);
}

function subnetOf({ subnets }: Replica, id: Principal): Subnet {
  const subnet = subnets.find((one) => samePrincipal(one.id, id));
  if (subnet === undefined) throw subnetNotFound(id);
  return subnet;
}

function snapshotOwner({ replica }: Instance, fields: Fields): SnapshotOwner {
  const canisterId = principalField(objectField(fields, 'canister_id'), 'canister_id');
  if (replica.canister(canisterId) === undefined) throw canisterNotFound(canisterId);
  const sender = principalField(objectField(fields, 'sender'), 'principal_id');
  return { replica, canisterId, sender };
}

/** Each subnet has one node, which makes all blocks whether it is named or not. */
function checkBlockmakers({ replica }: Instance, fields: Fields): void {
  const name = 'blockmakers_per_subnet';
  for (const one of listField(objectField(fields, 'blockmakers'), name)) {
    const choice = asFields(one, name);
    const id = principalField(objectField(choice, 'subnet'), 'subnet_id');
    const { node } = subnetOf(replica, id);
    const maker = principalField(objectField(choice, 'blockmaker'), 'node_id');
    if (!samePrincipal(node.id, maker)) throw blockmakerNotFound(maker);
  }
}
