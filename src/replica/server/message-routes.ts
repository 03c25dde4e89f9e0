/**
 * The routes that carry messages: submit, await, status, query. PocketIC runs no round by itself;
 * to wait for an answer is to run rounds until it is there.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `AwaitIngressMessage`.
 */
import { hex } from '../hex.js';
import type { IngressCall } from '../ingress.js';
import { samePrincipal } from '../principals.js';
import type { Rejection, Response } from '../rejection.js';
import type { Replica } from '../replica.js';
import { rawSubnet, routeCall, routeMessage } from './effective-principal.js';
import { badIngressMessage, conversionError, forbidden } from './pocket-ic-error.js';
import {
  blobField,
  isGiven,
  objectField,
  principalField,
  textField,
  toBase64,
  type Fields,
} from './wire.js';

const ROUNDS_MAX = 100;
const MESSAGE_ID_SIZE = 32;

export function submitIngress(replica: Replica, fields: Fields): unknown {
  const call = callOf(replica, fields);
  const submitted = replica.submit(call);
  switch (submitted.kind) {
    case 'malformed':
      throw badIngressMessage(submitted.reason);
    case 'refused':
      return { Err: errorOf(submitted.rejection, false) };
    case 'accepted': {
      const message_id = Buffer.from(submitted.messageId, 'hex').toString('base64');
      return { Ok: { effective_principal: rawSubnet(call.subnetId), message_id } };
    }
  }
}

export function awaitIngress(replica: Replica, fields: Fields): unknown {
  const id = messageIdOf(replica, fields);
  const response = runToAnswer(replica, id);
  if (response !== undefined) return resultOf(response, true);
  throw badIngressMessage(`Failed to answer to ingress 0x${id} after ${ROUNDS_MAX} rounds.`);
}

/** Runs rounds until the message is answered; undefined where it is not after many. */
export function runToAnswer(replica: Replica, messageId: string): Response | undefined {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const status = replica.ingress(messageId)?.status;
    if (typeof status === 'object') return status;
    replica.executeRound();
  }
  return undefined;
}

/** Null while the message is unknown or under way; its result is for its sender alone. */
export function ingressStatus(replica: Replica, fields: Fields): unknown {
  const message = replica.ingress(messageIdOf(replica, objectField(fields, 'raw_message_id')));
  if (message === undefined) return null;
  if (isGiven(fields, 'raw_caller') && !samePrincipal(callerOf(fields), message.sender)) {
    throw forbidden('The user tries to access Request ID not signed by the caller.');
  }
  return typeof message.status === 'object' ? resultOf(message.status, true) : null;
}

export function query(replica: Replica, fields: Fields): unknown {
  return resultOf(replica.query(callOf(replica, fields)), false);
}

/** `sender_info` is left out: canisters hear of a sender its id and nothing more. */
function callOf(replica: Replica, fields: Fields): IngressCall & { subnetId: IngressSubnet } {
  const call = {
    sender: principalField(fields, 'sender'),
    canisterId: principalField(fields, 'canister_id'),
    method: textField(fields, 'method'),
    argument: blobField(fields, 'payload'),
  };
  return { ...call, subnetId: routeCall(replica, fields, call) };
}

type IngressSubnet = NonNullable<IngressCall['subnetId']>;

/** The JavaScript client writes the caller as base64, that for Rust as an object. */
function callerOf(fields: Fields): IngressCall['sender'] {
  if (typeof fields['raw_caller'] === 'string') return principalField(fields, 'raw_caller');
  return principalField(objectField(fields, 'raw_caller'), 'principal_id');
}

function messageIdOf(replica: Replica, fields: Fields): string {
  const id = blobField(fields, 'message_id');
  if (id.length !== MESSAGE_ID_SIZE) throw conversionError('Bad message id');
  routeMessage(replica, fields);
  return hex(id);
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
