/**
 * The routes that carry messages: submit, await, status, query. PocketIC runs no round by itself;
 * to wait for an answer is to run rounds until it is there.
 *
 * Source: specs/replica.md section 1.3.
 */
import type { Principal } from '@dfinity/principal';

import { hex } from '../hex.js';
import type { IngressCall } from '../ingress.js';
import { samePrincipal } from '../principals.js';
import type { Rejection, Response } from '../rejection.js';
import type { Replica } from '../replica.js';
import {
  blobField,
  objectField,
  principalField,
  RequestError,
  textField,
  toBase64,
  type Fields,
} from './wire.js';

const ROUNDS_MAX = 100;

export function submitIngress(replica: Replica, fields: Fields): unknown {
  const submitted = replica.submit(callOf(replica, fields));
  switch (submitted.kind) {
    case 'malformed':
      throw new RequestError(`BadIngressMessage("${submitted.reason}")`);
    case 'refused':
      return { Err: errorOf(submitted.rejection, false) };
    case 'accepted': {
      const message_id = Buffer.from(submitted.messageId, 'hex').toString('base64');
      return { Ok: { effective_principal: fields['effective_principal'] ?? 'None', message_id } };
    }
  }
}

export function awaitIngress(replica: Replica, fields: Fields): unknown {
  const id = hex(blobField(fields, 'message_id'));
  for (let round = 0; round <= ROUNDS_MAX; round++) {
    const message = replica.ingress(id);
    if (message === undefined) throw new RequestError(`BadIngressMessage("no message ${id}")`);
    if (message.status !== 'processing') return resultOf(message.status, true);
    replica.executeRound();
  }
  throw new RequestError(
    `BadIngressMessage("the message ${id} was not answered within ${ROUNDS_MAX} rounds")`,
  );
}

/** Null while the message is unknown or under way; its result is for its sender alone. */
export function ingressStatus(replica: Replica, fields: Fields): unknown {
  const message = replica.ingress(
    hex(blobField(objectField(fields, 'raw_message_id'), 'message_id')),
  );
  if (message === undefined) return null;
  const asked = typeof fields['raw_caller'] === 'string';
  if (asked && !samePrincipal(principalField(fields, 'raw_caller'), message.sender)) {
    throw new RequestError('Forbidden("the message was sent by somebody else")', 403);
  }
  return message.status === 'processing' ? null : resultOf(message.status, true);
}

export function query(replica: Replica, fields: Fields): unknown {
  return resultOf(replica.query(callOf(replica, fields)), false);
}

function callOf(replica: Replica, fields: Fields): IngressCall {
  return {
    sender: principalField(fields, 'sender'),
    canisterId: principalField(fields, 'canister_id'),
    method: textField(fields, 'method'),
    argument: blobField(fields, 'payload'),
    subnetId: effectiveSubnet(replica, fields['effective_principal']),
  };
}

/** The subnet that a call to the management canister is meant for. */
function effectiveSubnet(replica: Replica, effective: unknown): Principal {
  const named = typeof effective === 'object' && effective !== null ? (effective as Fields) : {};
  if ('SubnetId' in named) {
    const id = principalField(named, 'SubnetId');
    const known = replica.subnets.some((subnet) => samePrincipal(subnet.id, id));
    if (!known) throw new RequestError(`SubnetNotFound(${id.toText()})`);
    return id;
  }
  if ('CanisterId' in named) return replica.subnetOf(principalField(named, 'CanisterId')).id;
  return replica.defaultSubnet.id;
}

function resultOf(response: Response, certified: boolean): unknown {
  if (response.kind === 'reply') return { Ok: toBase64(response.data) };
  return { Err: errorOf(response.rejection, certified) };
}

function errorOf({ rejectCode, errorCode, message }: Rejection, certified: boolean): unknown {
  return {
    reject_code: rejectCode,
    reject_message: message,
    error_code: errorCode,
    certified,
  };
}
