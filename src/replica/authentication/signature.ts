/**
 * Signatures by users, in all the schemes that the Internet Computer takes: which one is meant
 * stands in the public key.
 *
 * Source: IC interface specification, "Signatures".
 */
import { publicKeyFromDer } from '../certification/der.js';
import type { Host } from '../host.js';
import { refuseCanisterSignature } from './canister-signature.js';
import { refuseWebAuthn } from './web-authn.js';

/** What a signature is checked with. */
export interface Verifier {
  readonly host: Pick<Host, 'sha256' | 'sha224' | 'verify'>;
  /** In its DER form. */
  readonly rootKey: Uint8Array;
}

/** Why the signature is not accepted; undefined where it is. */
export function refuseSignature(
  verifier: Verifier,
  publicKeyDer: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): string | undefined {
  const publicKey = publicKeyFromDer(publicKeyDer);
  if (publicKey === undefined) return 'Invalid public key: no DER form of a key that is known';
  const { algorithm, key } = publicKey;
  switch (algorithm) {
    case 'ed25519':
    case 'secp256k1':
    case 'p256': {
      const good = verifier.host.verify(algorithm, key, message, signature);
      const text = `Invalid basic signature: the ${algorithm} signature does not verify`;
      return good ? undefined : text;
    }
    case 'cose':
      return refuseWebAuthn(verifier.host, key, message, signature);
    case 'canister':
      return refuseCanisterSignature(verifier, key, message, signature);
    case 'bls':
      return 'Invalid public key: the key of a subnet does not sign requests';
  }
}
