/**
 * Signatures by web authentication: a browser signs what it says about the request, in which the
 * request is quoted as the challenge.
 *
 * Keys come in the COSE form: ECDSA on P-256 with SHA-256, or RSA with SHA-256.
 *
 * Source: IC interface specification, "Web Authentication"; RFC 8152 section 13; RFC 8230.
 */
import { concatBytes, sameBytes } from '../bytes.js';
import { CborError, decodeCbor } from '../certification/cbor.js';
import { ecdsaSignatureFromDer, rsaKeyToDer } from '../certification/der.js';
import type { Host } from '../host.js';

const utf8 = new TextEncoder();

const ES256 = -7;
const RS256 = -257;
const KEY_TYPE_EC2 = 2;
const KEY_TYPE_RSA = 3;
const CURVE_P256 = 1;
const COORDINATE_SIZE = 32;
const UNCOMPRESSED = 4;

/** The labels of the parts of a COSE key; the negative ones mean what the key type makes them. */
const COSE = { keyType: 1, algorithm: 3, curve: -1, x: -2, y: -3, modulus: -1, exponent: -2 };

/** Why the signature is not accepted; undefined where it is. */
export function refuseWebAuthn(
  host: Pick<Host, 'sha256' | 'verify'>,
  coseKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): string | undefined {
  const key = readCoseKey(coseKey);
  if (key === undefined) return 'Invalid public key: no COSE key of ES256 or RS256';
  const parts = readSignature(signature);
  if (parts === undefined) return 'Invalid WebAuthn signature: malformed';
  const { authenticatorData, clientData, inner } = parts;
  const challenge = challengeOf(clientData);
  if (challenge === undefined || !sameBytes(challenge, message)) {
    return 'Invalid WebAuthn signature: the challenge is not the request';
  }
  const signed = concatBytes(authenticatorData, host.sha256(utf8.encode(clientData)));
  const raw = key.scheme === 'p256' ? ecdsaSignatureFromDer(inner) : inner;
  if (raw !== undefined && host.verify(key.scheme, key.key, signed, raw)) return undefined;
  return 'Invalid WebAuthn signature: it does not verify';
}

interface CoseKey {
  readonly scheme: 'p256' | 'rsa';
  readonly key: Uint8Array;
}

function readCoseKey(bytes: Uint8Array): CoseKey | undefined {
  const parts = decodedMap(bytes);
  if (parts === undefined) return undefined;
  const blob = (label: number): Uint8Array | undefined => {
    const value = parts.get(label);
    return value instanceof Uint8Array && value.length > 0 ? value : undefined;
  };
  const type = parts.get(COSE.keyType);
  const algorithm = parts.get(COSE.algorithm);
  if (type === KEY_TYPE_EC2 && algorithm === ES256 && parts.get(COSE.curve) === CURVE_P256) {
    const [x, y] = [blob(COSE.x), blob(COSE.y)];
    if (x?.length !== COORDINATE_SIZE || y?.length !== COORDINATE_SIZE) return undefined;
    return { scheme: 'p256', key: Uint8Array.of(UNCOMPRESSED, ...x, ...y) };
  }
  if (type === KEY_TYPE_RSA && algorithm === RS256) {
    const [modulus, exponent] = [blob(COSE.modulus), blob(COSE.exponent)];
    return modulus && exponent && { scheme: 'rsa', key: rsaKeyToDer(modulus, exponent) };
  }
  return undefined;
}

function readSignature(
  bytes: Uint8Array,
): { authenticatorData: Uint8Array; clientData: string; inner: Uint8Array } | undefined {
  const parts = decodedMap(bytes);
  const authenticatorData = parts?.get('authenticator_data');
  const clientData = parts?.get('client_data_json');
  const inner = parts?.get('signature');
  const isWhole =
    authenticatorData instanceof Uint8Array &&
    typeof clientData === 'string' &&
    inner instanceof Uint8Array;
  return isWhole ? { authenticatorData, clientData, inner } : undefined;
}

function decodedMap(bytes: Uint8Array): ReadonlyMap<unknown, unknown> | undefined {
  try {
    const value = decodeCbor(bytes);
    return value instanceof Map ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof CborError) return undefined;
    throw thrown;
  }
}

/** The bytes that the browser was asked to sign, which it quotes in base64url. */
function challengeOf(clientData: string): Uint8Array | undefined {
  try {
    const { challenge } = JSON.parse(clientData) as { challenge?: unknown };
    if (typeof challenge !== 'string') return undefined;
    const base64 = challenge.replaceAll('-', '+').replaceAll('_', '/');
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined; // No JSON, or no base64.
  }
}
