/**
 * Whether a request comes from whom it says, and what the sender may do with it. The checks are
 * those of the Internet Computer, in its order and as far as it has words for them in its words.
 *
 * A user signs the request, or has signed a delegation to a key that did, and so on. The first key
 * of the chain makes the sender's principal, the last one signs the request; what one delegation
 * narrows, the next cannot widen.
 *
 * Source: IC interface specification, "Authentication".
 */
import { Principal } from '@dfinity/principal';

import { concatBytes, sameBytes } from '../bytes.js';
import { publicKeyFromDer } from '../certification/der.js';
import { domainSeparator } from '../certification/hash-tree.js';
import { hex } from '../hex.js';
import { samePrincipal, selfAuthenticating } from '../principals.js';
import { readCanisterKey } from './canister-signature.js';
import { delegationHash, type Delegation, type Envelope, type SenderInfo } from './envelope.js';
import { RequestRefused } from './refusal.js';
import { refuseSignature, type Verifier } from './signature.js';

const REQUEST = domainSeparator('ic-request');
const DELEGATION = domainSeparator('ic-request-auth-delegation');
const SENDER_INFO = domainSeparator('ic-sender-info');

/** What a sender may do with a request that was found good. */
export interface Authorization {
  /** The only canisters that may be asked; undefined where all may. */
  readonly targets: readonly Principal[] | undefined;
  readonly mayUpdate: boolean;
}

export const UNLIMITED: Authorization = { targets: undefined, mayUpdate: true };

/** Throws a {@link RequestRefused} where the request is not from its sender. */
export function authenticate(
  verifier: Verifier,
  envelope: Envelope,
  requestId: Uint8Array,
  now: bigint,
): Authorization {
  const { sender } = envelope.content;
  if (samePrincipal(sender, Principal.anonymous())) return authenticateAnonymous(envelope);
  const { senderPublicKey, senderSignature, delegations = [] } = envelope;
  if (senderPublicKey === undefined || senderSignature === undefined) {
    throw new RequestRefused(`Missing signature from user: ${sender.toText()}`);
  }
  if (!samePrincipal(sender, selfAuthenticating(verifier.host, senderPublicKey))) {
    const text = `The user id ${sender.toText()} does not match the public key `;
    throw new RequestRefused(text + hex(senderPublicKey));
  }
  refuseExpired(delegations, now);
  refuseCycles(senderPublicKey, delegations);
  const { key, authorization } = follow(verifier, senderPublicKey, delegations);
  const message = concatBytes(REQUEST, requestId);
  const refusal = refuseSignature(verifier, key, message, senderSignature);
  if (refusal !== undefined) throw new RequestRefused(`Invalid signature: ${refusal}`);
  if ('senderInfo' in envelope.content && envelope.content.senderInfo !== undefined) {
    verifySenderInfo(verifier, senderPublicKey, envelope.content.senderInfo);
  }
  return authorization;
}

function authenticateAnonymous(envelope: Envelope): Authorization {
  const { senderPublicKey, senderSignature, delegations } = envelope;
  if (senderPublicKey ?? senderSignature ?? delegations) {
    throw new RequestRefused('Signature is not allowed for the anonymous user');
  }
  if ('senderInfo' in envelope.content && envelope.content.senderInfo !== undefined) {
    throw new RequestRefused('Invalid sender info: the anonymous user has none');
  }
  return UNLIMITED;
}

function refuseExpired(delegations: readonly Delegation[], now: bigint): void {
  const expired = delegations.find(({ expiration }) => expiration < now);
  if (expired === undefined) return;
  const text =
    'Invalid delegation expiry: Specified sender delegation has expired: ' +
    `Provided expiry: ${expired.expiration}, Local replica time: ${now}`;
  throw new RequestRefused(text);
}

/** No key may appear twice in a chain. */
function refuseCycles(first: Uint8Array, delegations: readonly Delegation[]): void {
  const keys = [first, ...delegations.map(({ publicKey }) => publicKey)].map(hex);
  if (new Set(keys).size === keys.length) return;
  throw new RequestRefused('Invalid delegation: Chain of delegations contains at least one cycle');
}

/** The key at the end of the chain, and what all of its links leave permitted. */
function follow(
  verifier: Verifier,
  first: Uint8Array,
  delegations: readonly Delegation[],
): { key: Uint8Array; authorization: Authorization } {
  let key = first;
  let authorization = UNLIMITED;
  for (const delegation of delegations) {
    const message = concatBytes(DELEGATION, delegationHash(verifier.host, delegation));
    const refusal = refuseSignature(verifier, key, message, delegation.signature);
    if (refusal !== undefined) throw new RequestRefused(`Invalid delegation: ${refusal}`);
    authorization = narrowed(authorization, delegation);
    key = delegation.publicKey;
  }
  return { key, authorization };
}

function narrowed({ targets, mayUpdate }: Authorization, link: Delegation): Authorization {
  const { permissions } = link;
  if (permissions !== undefined && permissions !== 'queries' && permissions !== 'all') {
    const text = `Invalid delegation: the permissions '${permissions}' are none that are known`;
    throw new RequestRefused(text);
  }
  return {
    targets: intersection(targets, link.targets),
    mayUpdate: mayUpdate && permissions !== 'queries',
  };
}

function intersection(
  a: readonly Principal[] | undefined,
  b: readonly Principal[] | undefined,
): readonly Principal[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.filter((one) => b.some((other) => samePrincipal(one, other)));
}

/** What is said about the sender has to be signed by the canister behind the sender's key. */
function verifySenderInfo(verifier: Verifier, publicKeyDer: Uint8Array, given: SenderInfo): void {
  const publicKey = publicKeyFromDer(publicKeyDer);
  const canisterKey =
    publicKey?.algorithm === 'canister' ? readCanisterKey(publicKey.key) : undefined;
  const signer = given.signer.toUint8Array();
  if (canisterKey === undefined || !sameBytes(canisterKey.canisterId.toUint8Array(), signer)) {
    const text = `signer ${given.signer.toText()} does not match the canister in sender_pubkey`;
    throw new RequestRefused(`Invalid sender info: ${text}`);
  }
  const message = concatBytes(SENDER_INFO, given.info);
  const refusal = refuseSignature(verifier, publicKeyDer, message, given.signature);
  if (refusal !== undefined) throw new RequestRefused(`Invalid sender info: ${refusal}`);
}

/** Refuses a request to a canister that the delegations do not cover. */
export function refuseForeignTarget({ targets }: Authorization, canisterId: Principal): void {
  if (targets?.some((target) => samePrincipal(target, canisterId)) ?? true) return;
  const text = `Canister ${canisterId.toText()} is not one of the delegation targets`;
  throw new RequestRefused(text);
}
