/** Signatures of browsers and of canisters, each beside those that differ from it in one thing. */
import { createHash, generateKeyPairSync, sign as signWith, type KeyObject } from 'node:crypto';

import { beforeAll, describe, expect, test } from '@jest/globals';
import { Certificate } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';

import { refuseSignature } from '../../../src/replica/authentication/signature.js';
import { encodeCbor } from '../../../src/replica/certification/cbor.js';
import { publicKeyToDer } from '../../../src/replica/certification/der.js';
import { domainSeparator, TreeBuilder } from '../../../src/replica/certification/hash-tree.js';
import { encodeTree } from '../../../src/replica/certification/tree-encoding.js';
import { concatBytes } from '../../../src/replica/bytes.js';
import { nodeHost } from '../../../src/replica/index.js';
import { ApiClient, requestIdOf, senderOf, signed, type Key } from '../server/api/requests.js';
import { callWithZeroes, dataOf, errorOf, messageOf, numberOf } from '../support.js';

const MESSAGE = Uint8Array.of(1, 2, 3);

describe('a signature by web authentication', () => {
  const verifier = { host: nodeHost, rootKey: new Uint8Array(0) };
  const authenticatorData = new Uint8Array(37).fill(5);

  function webAuthn(secret: KeyObject, challenge: Uint8Array, more: object = {}): Uint8Array {
    const quoted = Buffer.from(challenge).toString('base64url');
    const clientData = JSON.stringify({ type: 'webauthn.get', challenge: quoted, origin: 'x' });
    const hash = createHash('sha256').update(clientData).digest();
    const signature = signWith('sha256', Buffer.concat([authenticatorData, hash]), secret);
    return encodeCbor({
      authenticator_data: authenticatorData,
      client_data_json: clientData,
      signature: new Uint8Array(signature),
      ...more,
    });
  }

  function coseKey(entries: [number, number | Uint8Array][]): Uint8Array {
    return publicKeyToDer({ algorithm: 'cose', key: encodeCbor(new Map(entries)) });
  }

  const part = (text: string | undefined) => new Uint8Array(Buffer.from(text!, 'base64url'));
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ec = p256.publicKey.export({ format: 'jwk' });
  const ecParts: [number, number | Uint8Array][] = [
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, part(ec.x)],
    [-3, part(ec.y)],
  ];
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsaJwk = rsa.publicKey.export({ format: 'jwk' });
  const rsaParts: [number, number | Uint8Array][] = [
    [1, 3],
    [3, -257],
    [-1, part(rsaJwk.n)],
    [-2, part(rsaJwk.e)],
  ];

  test.each([
    ['ES256', coseKey(ecParts), p256.privateKey],
    ['RS256', coseKey(rsaParts), rsa.privateKey],
  ])('by %s is good for its message only', (_, key, secret) => {
    const good = webAuthn(secret, MESSAGE);
    expect(refuseSignature(verifier, key, MESSAGE, good)).toBeUndefined();
    expect(refuseSignature(verifier, key, Uint8Array.of(9), good)).toMatch(/challenge/);
    const other = webAuthn(secret, MESSAGE, { authenticator_data: new Uint8Array(37) });
    expect(refuseSignature(verifier, key, MESSAGE, other)).toMatch(/does not verify/);
  });

  test.each([
    ['no CBOR', Uint8Array.of(0xff)],
    ['no map', encodeCbor([])],
    ['no signature in it', encodeCbor({ authenticator_data: MESSAGE, client_data_json: '{}' })],
    ['client data of no JSON', webAuthn(p256.privateKey, MESSAGE, { client_data_json: '{' })],
    ['no DER in it', webAuthn(p256.privateKey, MESSAGE, { signature: new Uint8Array(64) })],
  ])('is refused that is %s', (_, signature) => {
    const refusal = refuseSignature(verifier, coseKey(ecParts), MESSAGE, signature);
    expect(refusal).toMatch(/^Invalid WebAuthn signature/);
  });

  test.each([
    ['of another curve', ecParts.map(([label, value]) => [label, label === -1 ? 2 : value])],
    ['of another algorithm', ecParts.map(([label, value]) => [label, label === 3 ? -8 : value])],
    ['without a coordinate', ecParts.slice(0, 4)],
  ])('is refused with a key %s', (_, parts) => {
    const key = coseKey(parts as [number, number][]);
    const refusal = refuseSignature(verifier, key, MESSAGE, webAuthn(p256.privateKey, MESSAGE));
    expect(refusal).toMatch(/^Invalid public key/);
  });
});

/** Certifies its argument, and hands the certificate out. */
const SIGNER = `
  (func (export "canister_update certify")
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
    (call $certified_data_set (i32.const 0) (call $msg_arg_data_size))
    (call $msg_reply))
  (func (export "canister_query certificate")
    (call $data_certificate_copy (i32.const 1000) (i32.const 0) (call $data_certificate_size))
    (call $reply_bytes (i32.const 1000) (call $data_certificate_size)))
  (func (export "canister_query is_present") (call $reply_i32 (call $data_certificate_present)))
  (func (export "canister_update is_present_in_update")
    (call $reply_i32 (call $data_certificate_present)))
  (func (export "canister_update size_in_update") ${callWithZeroes('data_certificate_size')})
  (func (export "canister_query who_says")
    (call $msg_caller_info_data_copy (i32.const 0) (i32.const 0) (call $msg_caller_info_data_size))
    (call $reply_bytes (i32.const 0) (call $msg_caller_info_data_size)))
  (func (export "canister_update who_says_it")
    (call $msg_caller_info_data_copy (i32.const 0) (i32.const 0) (call $msg_caller_info_data_size))
    (call $reply_bytes (i32.const 0) (call $msg_caller_info_data_size)))`;

describe.each([
  ['on the root subnet', ['Application'] as const],
  ['on another subnet', ['NNS', 'Application'] as const],
])('a canister %s', (_, subnets) => {
  const SEED = Uint8Array.of(7, 7);
  let client: ApiClient;
  let signer: Principal;
  let key: Key;

  beforeAll(() => {
    client = new ApiClient({ subnets });
    signer = client.deploy(SIGNER);
    const id = signer.toUint8Array();
    const raw = concatBytes(Uint8Array.of(id.length), id, SEED);
    const publicKey = publicKeyToDer({ algorithm: 'canister', key: raw });
    key = { publicKey, sign: (message) => canisterSignature(SEED, message) };
  });

  function canisterSignature(seed: Uint8Array, message: Uint8Array, by = signer): Uint8Array {
    const builder = new TreeBuilder(nodeHost);
    const leaf = builder.labeled(nodeHost.sha256(message), new Uint8Array(0));
    const tree = builder.labeled('sig', builder.labeled(nodeHost.sha256(seed), leaf));
    dataOf(client.bench.update(by, 'certify', tree.hash));
    const certificate = dataOf(client.bench.query(by, 'certificate'));
    return encodeCbor({ certificate, tree: encodeTree(tree) });
  }

  test('has a certificate of its data, which clients verify', async () => {
    dataOf(client.bench.update(signer, 'certify', MESSAGE));
    expect(numberOf(client.bench.query(signer, 'is_present'))).toBe(1);
    const checked = await Certificate.create({
      certificate: dataOf(client.bench.query(signer, 'certificate')),
      rootKey: client.bench.replica.rootKey,
      canisterId: signer,
      disableTimeVerification: true,
    });
    const data = checked.lookup_path(['canister', signer.toUint8Array(), 'certified_data']);
    expect(data).toMatchObject({ value: MESSAGE });
  });

  test('has none while it changes its state', () => {
    expect(numberOf(client.bench.update(signer, 'is_present_in_update'))).toBe(0);
    const response = client.bench.update(signer, 'size_in_update');
    expect(errorOf(response)).toBe(504);
    expect(messageOf(response)).toContain('cannot be executed in update mode');
  });

  test('signs for its users', () => {
    const content = client.call('whoami', { sender: senderOf(key) });
    expect(client.post('v3 call', signed(content, key)).status).toBe(200);
    const { status } = client.bench.replica.ingress(
      Buffer.from(requestIdOf(content)).toString('hex'),
    )!;
    expect(status).toMatchObject({ kind: 'reply' });
  });

  test('signs for nothing else', () => {
    const { host, rootKey } = client.bench.replica;
    const refused = (signature: Uint8Array, message = MESSAGE, root = rootKey) =>
      refuseSignature({ host, rootKey: root }, key.publicKey, message, signature);
    const other = client.deploy(SIGNER);
    expect(refused(key.sign(MESSAGE))).toBeUndefined();
    expect(refused(key.sign(MESSAGE), Uint8Array.of(9))).toMatch(/does not hold the message/);
    expect(refused(canisterSignature(Uint8Array.of(8), MESSAGE))).toMatch(/does not hold/);
    expect(refused(canisterSignature(SEED, MESSAGE, other))).toMatch(/does not certify the tree/);
    const { publicKey } = nodeHost.signer('bls', new Uint8Array(32));
    const foreign = publicKeyToDer({ algorithm: 'bls', key: publicKey });
    expect(refused(key.sign(MESSAGE), MESSAGE, foreign)).toMatch(/does not verify/);
    expect(refused(Uint8Array.of(0xff))).toMatch(/malformed/);
    expect(refused(encodeCbor({ certificate: MESSAGE, tree: [0] }))).toMatch(/malformed/);
  });

  test('tells others about its users, as far as it signed that', () => {
    const info = Uint8Array.of(4, 2);
    const message = concatBytes(domainSeparator('ic-sender-info'), info);
    const sender_info = { info, signer: signer.toUint8Array(), sig: key.sign(message) };
    const ask = (more: object) => {
      const about = { ...sender_info, ...more };
      const shared = { canister_id: signer.toUint8Array(), sender: senderOf(key) };
      const content = client.query('who_says', { ...shared, sender_info: about });
      const path = `/api/v3/canister/${signer.toText()}/query`;
      return client.post(path, signed(content, key));
    };
    const reply = ask({}).fields.get('reply') as Map<string, Uint8Array>;
    expect(reply.get('arg')).toEqual(info);
    expect(ask({ info: Uint8Array.of(4, 3) }).text).toMatch(/^Invalid sender info/);
    expect(ask({ signer: Uint8Array.of(1) }).text).toMatch(/^Invalid sender info/);
  });
});
