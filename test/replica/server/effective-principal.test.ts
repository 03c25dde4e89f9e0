/** Where calls go: by what the client names, or by what the call itself says. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';

import { nodeHost, Replica } from '../../../src/replica/index.js';
import * as idl from '../../../src/replica/management/idl.js';
import { routeCall, routeMessage } from '../../../src/replica/server/effective-principal.js';
import type { Fields } from '../../../src/replica/server/wire.js';
import { canisterIdOf } from '../../../src/replica/topology.js';
import { MANAGEMENT } from '../support.js';
import { rawPrincipal } from './raw-client.js';

const replica = new Replica({
  host: nodeHost,
  seed: Uint8Array.of(1),
  subnets: ['NNS', 'Application', 'Application'],
});

const [NNS, FIRST, SECOND] = replica.subnets.map(({ id }) => id.toText());
const ON_SECOND = canisterIdOf(replica.subnets[2]!.firstIndex + 5n);
const OUTSIDE = Principal.fromUint8Array(Uint8Array.of(9, 9));
const UNKNOWN_SUBNET = Principal.fromUint8Array(new Uint8Array(29).fill(7));

function encode(type: IDL.Type, value: unknown): Uint8Array {
  return new Uint8Array(IDL.encode([type], [value]));
}

function provisional(specified_id: [] | [Principal]): Uint8Array {
  return encode(idl.ProvisionalCreate, {
    amount: [],
    settings: [],
    specified_id,
    sender_canister_version: [],
  });
}

function subnetOf(
  fields: Fields,
  canisterId: Principal,
  method = 'm',
  argument: Uint8Array = new Uint8Array(0),
) {
  return routeCall(replica, fields, { canisterId, method, argument }).toText();
}

const CREATE = 'provisional_create_canister_with_cycles';
const about = (canister_id: Principal): Uint8Array =>
  encode(IDL.Record({ canister_id: IDL.Principal, more: IDL.Text }), { canister_id, more: 'x' });
const subnet = (id: string): Fields => ({
  effective_principal: { SubnetId: rawPrincipal(Principal.fromText(id)) },
});
const canister = (id: Principal): Fields => ({
  effective_principal: { CanisterId: rawPrincipal(id) },
});
const NONE: Fields = { effective_principal: 'None' };

describe('a call goes', () => {
  test('to the subnet that is named, or to that of the canister that is', () => {
    expect(subnetOf(subnet(NNS!), ON_SECOND)).toBe(NNS);
    expect(subnetOf(canister(ON_SECOND), MANAGEMENT, 'install_chunked_code')).toBe(SECOND);
  });

  test.each([
    ['None', NONE],
    ['nothing', {}],
    ['null', { effective_principal: null }],
  ])('to where its canister is, where the client names %s', (_, fields) => {
    expect(subnetOf(fields, ON_SECOND)).toBe(SECOND);
    expect(subnetOf(fields, MANAGEMENT, 'stop_canister', about(ON_SECOND))).toBe(SECOND);
  });

  test('to the default subnet where it creates a canister anywhere', () => {
    expect(subnetOf(NONE, MANAGEMENT, CREATE, provisional([]))).toBe(FIRST);
  });

  test('to the subnet of the id that it creates a canister under', () => {
    expect(subnetOf(NONE, MANAGEMENT, CREATE, provisional([ON_SECOND]))).toBe(SECOND);
    expect(subnetOf(NONE, MANAGEMENT, CREATE, provisional([canisterIdOf(5n)]))).toBe(NNS);
    expect(subnetOf(NONE, MANAGEMENT, CREATE, provisional([OUTSIDE]))).toBe(FIRST);
  });
});

describe('a call is refused', () => {
  const bad = (text: string): string => `BadIngressMessage(${JSON.stringify(text)})`;
  const nowhere = bad(`Canister ${OUTSIDE.toText()} does not belong to any subnet.`);

  test('to a canister that is on no subnet', () => {
    expect(() => subnetOf(NONE, OUTSIDE)).toThrow(nowhere);
    expect(() => subnetOf(canister(OUTSIDE), MANAGEMENT)).toThrow(nowhere);
    expect(() => subnetOf(NONE, MANAGEMENT, 'stop_canister', about(OUTSIDE))).toThrow(nowhere);
  });

  test('to a subnet that is not there', () => {
    const text = bad(`Subnet with ID ${UNKNOWN_SUBNET.toText()} not found`);
    expect(() => subnetOf(subnet(UNKNOWN_SUBNET.toText()), ON_SECOND)).toThrow(text);
  });

  test('to the management canister about nothing that we can read', () => {
    const text = 'BadIngressMessage("Error decoding candid: ';
    expect(() => subnetOf(NONE, MANAGEMENT, 'raw_rand')).toThrow(text);
    expect(() => subnetOf(NONE, MANAGEMENT, CREATE, Uint8Array.of(1))).toThrow(text);
  });

  test.each([
    ['is a number', { effective_principal: 7 }, 'effective_principal: expected an object'],
    ['is another text', { effective_principal: 'Some' }, 'got "Some"'],
    ['is empty', { effective_principal: {} }, 'CanisterId: expected a text'],
    ['is no base64', { effective_principal: { CanisterId: '?' } }, 'CanisterId: expected base64'],
    [
      'is too long',
      { effective_principal: { SubnetId: 'A'.repeat(40) } },
      'at most 29 bytes, got 30',
    ],
  ])('where the effective principal %s', (_, fields, text) => {
    expect(() => subnetOf(fields as Fields, ON_SECOND)).toThrow(text);
  });
});

test('a message that was submitted is looked for where it went', () => {
  expect(routeMessage(replica, subnet(SECOND!)).toText()).toBe(SECOND);
  expect(() => routeMessage(replica, NONE)).toThrow('Effective principal must be specified');
});
