/** Requests as an agent makes them, and as none would. */
import type { Principal } from '@dfinity/principal';

import { hashOfMap, type Hashable } from '../../../../src/replica/authentication/representation.js';
import { concatBytes } from '../../../../src/replica/bytes.js';
import { decodeCbor, encodeCbor } from '../../../../src/replica/certification/cbor.js';
import { publicKeyToDer } from '../../../../src/replica/certification/der.js';
import { domainSeparator } from '../../../../src/replica/certification/hash-tree.js';
import { nodeHost, type ReplicaOptions } from '../../../../src/replica/index.js';
import { selfAuthenticating } from '../../../../src/replica/principals.js';
import { answerApi, type ApiRequest } from '../../../../src/replica/server/api/api.js';
import { Bench, canister, dataOf, textOf } from '../../support.js';
import { CANISTER } from './support.js';

export interface Key {
  /** In its DER form. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export function ed25519(seed: number): Key {
  const { publicKey, sign } = nodeHost.signer('ed25519', new Uint8Array(32).fill(seed));
  return { publicKey: publicKeyToDer({ algorithm: 'ed25519', key: publicKey }), sign };
}

export type Content = Record<string, Hashable | undefined>;
export type Envelope = Record<string, unknown>;

export interface Link {
  readonly delegation: Content;
  readonly signature: Uint8Array;
}

const DELEGATION = domainSeparator('ic-request-auth-delegation');
const REQUEST = domainSeparator('ic-request');

export function delegate(from: Key, to: Key, more: Content = {}): Link {
  const delegation = { pubkey: to.publicKey, expiration: 2n ** 63n, ...more };
  const message = concatBytes(DELEGATION, hashOfMap(nodeHost, delegation));
  return { delegation, signature: from.sign(message) };
}

export function senderOf({ publicKey }: Key): Uint8Array {
  return selfAuthenticating(nodeHost, publicKey).toUint8Array();
}

export function requestIdOf(content: Content): Uint8Array {
  return hashOfMap(nodeHost, content);
}

/** The envelope of a content; the key signs it, for the sender, by way of the delegations. */
export function signed(content: Content, key: Key, sender = key, links: Link[] = []): Envelope {
  return {
    content,
    sender_pubkey: sender.publicKey,
    sender_sig: key.sign(concatBytes(REQUEST, requestIdOf(content))),
    ...(links.length === 0 ? {} : { sender_delegation: links }),
  };
}

export const ANONYMOUS = Uint8Array.of(4);
export const MINUTE = 60_000_000_000n;
const CYCLES = 10n ** 16n;

export interface Answered {
  readonly status: number;
  /** The answer where it is text. */
  readonly text: string;
  /** The fields of the answer where it is CBOR. */
  readonly fields: ReadonlyMap<string, unknown>;
}

/** A replica with the canister of these tests, and somebody who asks it. */
export class ApiClient {
  readonly bench: Bench;
  readonly user = ed25519(1);
  readonly id: Principal;

  constructor(options: Partial<ReplicaOptions> = {}) {
    this.bench = new Bench(options);
    this.id = this.deploy(CANISTER);
  }

  deploy(body: string): Principal {
    const id = this.bench.create(CYCLES);
    dataOf(this.bench.install(id, canister(body)));
    return id;
  }

  call(method: string, more: Content = {}): Content {
    return {
      request_type: 'call',
      canister_id: this.id.toUint8Array(),
      method_name: method,
      arg: new Uint8Array(0),
      ...this.#common(),
      ...more,
    };
  }

  query(method: string, more: Content = {}): Content {
    return { ...this.call(method), request_type: 'query', ...more };
  }

  readState(paths: readonly (readonly Uint8Array[])[], more: Content = {}): Content {
    return { request_type: 'read_state', paths, ...this.#common(), ...more };
  }

  /** Sends a content, signed by the user. */
  send(endpoint: string, content: Content): Answered {
    return this.post(endpoint, signed(content, this.user));
  }

  /** An endpoint is "v3 call", at the address of the canister, or a whole path. */
  post(endpoint: string, envelope: unknown): Answered {
    return this.request(endpoint, { body: encodeCbor(envelope) });
  }

  request(endpoint: string, request: Partial<ApiRequest>): Answered {
    const { status, type, body } = answerApi(this.bench.replica, {
      method: 'POST',
      path: this.#pathOf(endpoint),
      contentType: 'application/cbor',
      body: new Uint8Array(0),
      ...request,
    });
    const isCbor = type === 'application/cbor';
    const fields = isCbor ? (decodeCbor(body) as Map<string, unknown>) : new Map();
    return { status, text: isCbor ? '' : textOf(body), fields };
  }

  #pathOf(endpoint: string): string {
    if (endpoint.startsWith('/')) return endpoint;
    const [version, action] = endpoint.split(' ');
    return `/api/${version}/canister/${this.id.toText()}/${action}`;
  }

  #common(): Content {
    const ingress_expiry = this.bench.replica.clock.now + 4n * MINUTE;
    return { sender: senderOf(this.user), ingress_expiry };
  }
}
