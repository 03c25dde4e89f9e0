/**
 * The envelope of a request, decoded: its content, and the keys and signatures that vouch for it.
 * Nothing here is verified yet but the form.
 *
 * The id of a request is the hash of those fields of its content that this replica knows, as on the
 * Internet Computer: a field that nobody knows is no part of what was signed.
 *
 * Source: IC interface specification, "Authentication" and "Request ids"; specs/replica.md 2.3.
 */
import type { Principal } from '@dfinity/principal';

import { CborError, decodeCbor } from '../certification/cbor.js';
import type { Host } from '../host.js';
import {
  blobField,
  blobOf,
  listField,
  listOf,
  mapField,
  mapOf,
  natField,
  optional,
  principalField,
  principalOf,
  textField,
  type Fields,
} from './fields.js';
import { RequestRefused } from './refusal.js';
import { hashOfMap } from './representation.js';

const NONCE_SIZE_MAX = 32;
const DELEGATIONS_MAX = 20;
const TARGETS_MAX = 1000;
const PATHS_MAX = 1000;
const LABELS_MAX = 127;

export interface Delegation {
  readonly publicKey: Uint8Array;
  readonly expiration: bigint;
  /** The only canisters that the delegation is good for; undefined where it is good for all. */
  readonly targets: readonly Principal[] | undefined;
  /** "queries" where the delegation is not good for update calls. */
  readonly permissions: string | undefined;
  readonly signature: Uint8Array;
}

/** What the canister behind a canister signature says about the sender. */
export interface SenderInfo {
  readonly info: Uint8Array;
  readonly signer: Principal;
  readonly signature: Uint8Array;
}

interface CommonContent {
  readonly sender: Principal;
  readonly ingressExpiry: bigint;
  readonly nonce: Uint8Array | undefined;
}

export interface CallContent extends CommonContent {
  readonly type: 'call' | 'query';
  readonly canisterId: Principal;
  readonly method: string;
  readonly argument: Uint8Array;
  readonly senderInfo: SenderInfo | undefined;
}

export interface ReadStateContent extends CommonContent {
  readonly type: 'read_state';
  readonly paths: readonly (readonly Uint8Array[])[];
}

export type Content = CallContent | ReadStateContent;

export interface Envelope<Kind extends Content = Content> {
  readonly content: Kind;
  readonly senderPublicKey: Uint8Array | undefined;
  readonly senderSignature: Uint8Array | undefined;
  /** Undefined where there is no such field; a list without delegations is a field. */
  readonly delegations: readonly Delegation[] | undefined;
}

export function readEnvelope(body: Uint8Array): Envelope {
  const fields = mapOf(decoded(body), 'envelope');
  return {
    content: readContent(mapField(fields, 'content')),
    senderPublicKey: optional(fields, 'sender_pubkey', blobField),
    senderSignature: optional(fields, 'sender_sig', blobField),
    delegations: optional(fields, 'sender_delegation', readDelegations),
  };
}

function decoded(body: Uint8Array): unknown {
  try {
    return decodeCbor(body);
  } catch (thrown) {
    if (!(thrown instanceof CborError)) throw thrown;
    throw new RequestRefused(`Failed to deserialize cbor request: ${thrown.message}`);
  }
}

function readContent(fields: Fields): Content {
  const type = textField(fields, 'request_type');
  const common = {
    sender: principalField(fields, 'sender'),
    ingressExpiry: natField(fields, 'ingress_expiry'),
    nonce: optional(fields, 'nonce', readNonce),
  };
  if (type === 'read_state') return { ...common, type, paths: readPaths(fields, 'paths') };
  if (type !== 'call' && type !== 'query') {
    throw new RequestRefused(`Malformed request: request_type: '${type}' is none that is known`);
  }
  return {
    ...common,
    type,
    canisterId: principalField(fields, 'canister_id'),
    method: textField(fields, 'method_name'),
    argument: blobField(fields, 'arg'),
    senderInfo: optional(fields, 'sender_info', readSenderInfo),
  };
}

function readNonce(fields: Fields, name: string): Uint8Array {
  const nonce = blobField(fields, name);
  if (nonce.length <= NONCE_SIZE_MAX) return nonce;
  throw tooMany(`the nonce of ${nonce.length} bytes`, `${NONCE_SIZE_MAX} bytes`);
}

function readPaths(fields: Fields, name: string): readonly (readonly Uint8Array[])[] {
  const paths = listField(fields, name);
  if (paths.length > PATHS_MAX) throw tooMany(`${paths.length} paths`, String(PATHS_MAX));
  return paths.map((path) => {
    const labels = listOf(path, 'path');
    if (labels.length > LABELS_MAX) {
      throw tooMany(`a path of ${labels.length} labels`, String(LABELS_MAX));
    }
    return labels.map((label) => blobOf(label, 'label'));
  });
}

function readSenderInfo(fields: Fields, name: string): SenderInfo {
  const info = mapField(fields, name);
  return {
    info: blobField(info, 'info'),
    signer: principalField(info, 'signer'),
    signature: blobField(info, 'sig'),
  };
}

function readDelegations(fields: Fields, name: string): readonly Delegation[] {
  const list = listField(fields, name);
  if (list.length > DELEGATIONS_MAX) {
    const text =
      'Invalid delegation: Chain of delegations is too long: ' +
      `got ${list.length} delegations, but at most ${DELEGATIONS_MAX} are allowed.`;
    throw new RequestRefused(text);
  }
  return list.map((item) => {
    const signed = mapOf(item, name);
    const delegation = mapField(signed, 'delegation');
    return {
      publicKey: blobField(delegation, 'pubkey'),
      expiration: natField(delegation, 'expiration'),
      targets: optional(delegation, 'targets', readTargets),
      permissions: optional(delegation, 'permissions', textField),
      signature: blobField(signed, 'signature'),
    };
  });
}

function readTargets(fields: Fields, name: string): readonly Principal[] {
  const targets = listField(fields, name);
  if (targets.length <= TARGETS_MAX) return targets.map((one) => principalOf(one, 'target'));
  throw tooMany(`a delegation with ${targets.length} targets`, String(TARGETS_MAX));
}

function tooMany(found: string, limit: string): RequestRefused {
  return new RequestRefused(`Malformed request: ${found}, where at most ${limit} may be`);
}

/** The request id: what is signed, and what the request is known by from then on. */
export function requestIdOf(host: Pick<Host, 'sha256'>, content: Content): Uint8Array {
  const common = {
    request_type: content.type,
    sender: content.sender.toUint8Array(),
    ingress_expiry: content.ingressExpiry,
    nonce: content.nonce,
  };
  if (content.type === 'read_state') return hashOfMap(host, { ...common, paths: content.paths });
  const { canisterId, method, argument, senderInfo } = content;
  return hashOfMap(host, {
    ...common,
    canister_id: canisterId.toUint8Array(),
    method_name: method,
    arg: argument,
    sender_info: senderInfo && {
      info: senderInfo.info,
      signer: senderInfo.signer.toUint8Array(),
      sig: senderInfo.signature,
    },
  });
}

/** What the signature of a delegation is made over. */
export function delegationHash(
  host: Pick<Host, 'sha256'>,
  { publicKey, expiration, targets, permissions }: Delegation,
): Uint8Array {
  return hashOfMap(host, {
    pubkey: publicKey,
    expiration,
    targets: targets?.map((target) => target.toUint8Array()),
    permissions,
  });
}
