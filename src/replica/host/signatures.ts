/**
 * The cryptography of the replica, none of it our own: `@noble/curves` for BLS signatures, which
 * Node lacks, and `node:crypto` for everything else.
 *
 * BLS here is the variant with short signatures: keys are points of G2, signatures points of G1.
 *
 * Source: IC interface specification, "Signatures" and "Certificate"; specs/replica.md section 2.6.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify as verifyWith,
} from 'node:crypto';
import { bls12_381 as bls } from '@noble/curves/bls12-381.js';

import type { SignatureScheme, Signer } from '../host.js';

const BLS_DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';

/** What comes before the bytes of a key in the DER forms that Node reads. */
const DER_PREFIXES = {
  ed25519: '302a300506032b6570032100',
  ed25519Secret: '302e020100300506032b657004220420',
  p256: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
  secp256k1: '3056301006072a8648ce3d020106052b8104000a034200',
} as const;

const KEY_SIZES: Readonly<Record<string, number>> = { ed25519: 32, p256: 65, secp256k1: 65 };

export function sha224(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha224').update(bytes).digest());
}

export function signer(scheme: 'bls' | 'ed25519', seed: Uint8Array): Signer {
  return scheme === 'bls' ? blsSigner(seed) : ed25519Signer(seed);
}

/**
 * NOTE: The public key is computed in a time that depends on the secret one. That makes it ready in
 * half the time, and the secrets of a test network are none: anybody can derive them from the seed.
 */
function blsSigner(seed: Uint8Array): Signer {
  const secretKey = bls.shortSignatures.keygen(stretched(seed)).secretKey;
  const scalar = bls.fields.Fr.fromBytes(secretKey);
  return {
    publicKey: bls.G2.Point.BASE.multiplyUnsafe(scalar).toBytes(),
    sign: (message) => {
      const point = bls.shortSignatures.hash(message, BLS_DOMAIN);
      return bls.shortSignatures.sign(point, secretKey).toBytes();
    },
  };
}

/** A key of BLS is made of 48 bytes, so that no residue of the group's order is favoured. */
function stretched(seed: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha384').update(seed).digest());
}

function ed25519Signer(seed: Uint8Array): Signer {
  const der = Buffer.concat([Buffer.from(DER_PREFIXES.ed25519Secret, 'hex'), seed]);
  const secretKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(secretKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(-KEY_SIZES['ed25519']!)),
    sign: (message) => new Uint8Array(sign(null, message, secretKey)),
  };
}

export function verify(
  scheme: SignatureScheme,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return scheme === 'bls'
      ? verifyBls(key, message, signature)
      : verifyByNode(scheme, key, message, signature);
  } catch {
    return false; // The libraries throw on bytes that are no point of the curve, or no key.
  }
}

function verifyBls(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const point = bls.shortSignatures.hash(message, BLS_DOMAIN);
  return bls.shortSignatures.verify(signature, point, key);
}

function verifyByNode(
  scheme: Exclude<SignatureScheme, 'bls'>,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (scheme === 'rsa') {
    const rsaKey = createPublicKey({ key: Buffer.from(key), format: 'der', type: 'pkcs1' });
    return verifyWith('sha256', message, rsaKey, signature);
  }
  if (key.length !== KEY_SIZES[scheme]) return false;
  const der = Buffer.concat([Buffer.from(DER_PREFIXES[scheme], 'hex'), key]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (scheme === 'ed25519') return verifyWith(null, message, publicKey, signature);
  return verifyWith('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}
