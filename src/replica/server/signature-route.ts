/**
 * `/verify_signature`: whether a canister signature is good, for clients that have no verifier of
 * their own. The answer is a `Result` as Rust writes it down.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `verify_signature`.
 */
import { refuseCanisterSignature } from '../authentication/canister-signature.js';
import { publicKeyFromDer, type Algorithm } from '../certification/der.js';
import { nodeHost } from '../host/node-host.js';
import { jsonAnswer, type HttpAnswer } from './http.js';
import { blobField, stringify, type Fields } from './wire.js';

const OK = 200;
const MALFORMED = 400;
const NOT_ACCEPTABLE = 406;

export function verifySignature(fields: Fields): HttpAnswer {
  const message = blobField(fields, 'msg');
  const signature = blobField(fields, 'sig');
  const rootKey = blobField(fields, 'root_pubkey');
  const key = keyOf(blobField(fields, 'pubkey'), 'canister');
  if (key === undefined) return failed(MALFORMED, 'Failed to parse DER encoded public key');
  if (keyOf(rootKey, 'bls') === undefined) {
    return failed(MALFORMED, 'Failed to parse DER encoded root public key');
  }
  const refusal = refuseCanisterSignature({ host: nodeHost, rootKey }, key, message, signature);
  if (refusal === undefined) return jsonAnswer(stringify({ Ok: null }), OK);
  return failed(NOT_ACCEPTABLE, `Canister signature verification failed: ${refusal}`);
}

function keyOf(der: Uint8Array, algorithm: Algorithm): Uint8Array | undefined {
  const publicKey = publicKeyFromDer(der);
  return publicKey?.algorithm === algorithm ? publicKey.key : undefined;
}

function failed(status: number, reason: string): HttpAnswer {
  return jsonAnswer(stringify({ Err: reason }), status);
}
