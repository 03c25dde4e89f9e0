/** Certificates, verified by the code of the real clients. */
import { describe, expect, test } from '@jest/globals';
import { Certificate, LookupPathStatus } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { Certificate as NewerCertificate } from '@icp-sdk/core/agent';
import { Principal as NewerPrincipal } from '@icp-sdk/core/principal';

import { path } from '../../../src/replica/certification/certifier.js';
import { ProvisionalCreate } from '../../../src/replica/management/idl.js';
import { Bench, bytesOf, CONTROLLER, dataOf } from '../support.js';

/** What both clients make of a certificate; they throw where it does not verify. */
async function verified(bench: Bench, certificate: Uint8Array, id: Principal) {
  const { rootKey } = bench.replica;
  const shared = { certificate, rootKey, disableTimeVerification: true };
  const canisterId = NewerPrincipal.fromUint8Array(id.toUint8Array());
  return [
    await Certificate.create({ ...shared, canisterId: id }),
    await NewerCertificate.create({ ...shared, principal: { canisterId } }),
  ] as const;
}

describe.each([
  ['the root subnet', ['Application'] as const],
  ['a subnet that the root vouches for', ['NNS', 'Application'] as const],
])('a certificate of %s', (_, subnets) => {
  const bench = new Bench({ subnets });
  const id = bench.create();
  const subnet = bench.replica.subnetOf(id);

  test('verifies, and tells the time whatever was asked', async () => {
    const certificate = bench.replica.certify(subnet, []);
    for (const client of await verified(bench, certificate, id)) {
      expect(client.lookup_path(['time']).status).toBe(LookupPathStatus.Found);
      expect(client.lookup_path(['Time']).status).toBe(LookupPathStatus.Unknown);
    }
  });

  test('shows what is there and proves what is not', async () => {
    const canister = id.toUint8Array();
    const other = CONTROLLER.toUint8Array();
    const certificate = bench.replica.certify(subnet, [
      path('canister', canister, 'controllers'),
      path('canister', canister, 'module_hash'),
      path('canister', other, 'controllers'),
    ]);
    for (const client of await verified(bench, certificate, id)) {
      const at = (...labels: (string | Uint8Array)[]) => client.lookup_path(labels).status;
      expect(at('canister', canister, 'controllers')).toBe(LookupPathStatus.Found);
      expect(at('canister', canister, 'module_hash')).toBe(LookupPathStatus.Absent);
      expect(at('canister', other, 'controllers')).toBe(LookupPathStatus.Absent);
    }
  });

  test('is signed once as long as the state stays what it is', () => {
    let count = 0;
    const { signer } = subnet;
    const { sign } = signer;
    Object.assign(signer, { sign: (message: Uint8Array) => (count++, sign(message)) });
    bench.replica.executeRound();
    bench.replica.certify(subnet, [path('subnet')]);
    bench.replica.certify(subnet, [path('canister')]);
    expect(count).toBe(1);
    bench.replica.executeRound();
    bench.replica.certify(subnet, []);
    expect(count).toBe(2);
    Object.assign(signer, { sign });
  });
});

test('a canister with an id of its own choice is in the ranges of its subnet', async () => {
  const bench = new Bench({ subnets: ['NNS', 'Application'] });
  const id = Principal.fromText('um5iw-rqaaa-aaaaq-qaaba-cai');
  const argument = { amount: [], settings: [], specified_id: [id] };
  dataOf(bench.manage('provisional_create_canister_with_cycles', ProvisionalCreate, argument));
  const certificate = bench.replica.certify(bench.replica.subnetOf(id), []);
  await expect(verified(bench, certificate, id)).resolves.toHaveLength(2);
});

test.each([
  ['NNS', 'system'],
  ['SNS', 'application'],
  ['VerifiedApplication', 'verified_application'],
  ['CloudEngine', 'cloud_engine'],
] as const)('a certificate calls a subnet of the kind %s %s', async (kind, type) => {
  const bench = new Bench({ subnets: [kind] });
  const id = bench.create();
  const subnet = bench.replica.subnetOf(id);
  const place = ['subnet', subnet.id.toUint8Array(), 'type'] as const;
  const certificate = bench.replica.certify(subnet, [path(...place)]);
  const [client] = await verified(bench, certificate, id);
  const found = client.lookup_path([...place]);
  expect(found).toMatchObject({ value: bytesOf(type) });
});
