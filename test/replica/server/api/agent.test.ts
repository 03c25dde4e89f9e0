/** The agents of npm, unmodified and with every check on, against the HTTPS interface. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as older from '@dfinity/agent';
import { IDL as OlderIDL } from '@dfinity/candid';
import * as newer from '@icp-sdk/core/agent';
import { IDL as NewerIDL } from '@icp-sdk/core/candid';
import {
  DelegationChain,
  DelegationIdentity,
  ECDSAKeyIdentity,
  Ed25519KeyIdentity,
} from '@icp-sdk/core/identity';
import { Secp256k1KeyIdentity } from '@icp-sdk/core/identity/secp256k1';
import { Principal } from '@icp-sdk/core/principal';

import { CANISTER, LiveBench } from './support.js';

/** Each call verifies several BLS signatures, which takes its time on a busy machine. */
jest.setTimeout(60_000);

/** The two packages have the same shape as far as it is used here. */
const PACKAGES = [
  ['@dfinity/agent', older, OlderIDL],
  ['@icp-sdk/core', newer as unknown as typeof older, NewerIDL as unknown as typeof OlderIDL],
] as const;

const ONE_SUBNET = ['Application'] as const;
const BEHIND_A_ROOT = ['NNS', 'Application'] as const;

interface Service {
  echo(text: string): Promise<string>;
  echo_query(text: string): Promise<string>;
  refuse(): Promise<void>;
  refuse_query(): Promise<void>;
  trap(): Promise<void>;
  trap_query(): Promise<void>;
  whoami(): Promise<Principal>;
  whoami_query(): Promise<Principal>;
}

function serviceOf(IDL: typeof OlderIDL): OlderIDL.ServiceClass {
  return IDL.Service({
    echo: IDL.Func([IDL.Text], [IDL.Text], []),
    echo_query: IDL.Func([IDL.Text], [IDL.Text], ['query']),
    refuse: IDL.Func([], [], []),
    refuse_query: IDL.Func([], [], ['query']),
    trap: IDL.Func([], [], []),
    trap_query: IDL.Func([], [], ['query']),
    whoami: IDL.Func([], [IDL.Principal], []),
    whoami_query: IDL.Func([], [IDL.Principal], ['query']),
  });
}

describe.each([
  ['one subnet, its own root', ONE_SUBNET],
  ['a subnet that the root vouches for', BEHIND_A_ROOT],
])('%s', (_where, subnets) => {
  let bench: LiveBench;
  let canisterId: string;

  beforeAll(async () => {
    bench = await LiveBench.start({ subnets });
    canisterId = bench.deployId(CANISTER);
  });

  afterAll(() => bench.stop());

  describe.each(PACKAGES)('%s', (_name, { HttpAgent, Actor, CanisterStatus }, IDL) => {
    let agent: older.HttpAgent;

    const actorFor = async (identity?: unknown): Promise<Service> => {
      agent = await HttpAgent.create({
        host: bench.host,
        shouldFetchRootKey: true,
        retryTimes: 0,
        ...(identity === undefined ? {} : { identity: identity as older.Identity }),
      });
      const actor = Actor.createActor(() => serviceOf(IDL), { agent, canisterId });
      return actor as unknown as Service;
    };

    test('fetches the root key, and has calls answered', async () => {
      const service = await actorFor();
      expect(agent.rootKey).toEqual(bench.replica.rootKey);
      expect(await service.echo_query('asked')).toBe('asked');
      expect(await service.echo('told')).toBe('told');
    });

    test('is told of rejections, by certificate and by signed answer', async () => {
      const service = await actorFor();
      await expect(service.refuse()).rejects.toThrow(/no, thank you/);
      await expect(service.refuse_query()).rejects.toThrow(/IC0406/);
      await expect(service.trap()).rejects.toThrow(/Canister trapped: unreachable/);
      await expect(service.trap_query()).rejects.toThrow(/IC0502/);
    });

    const identities: [string, () => Promise<newer.SignIdentity>][] = [
      ['Ed25519', () => Promise.resolve(Ed25519KeyIdentity.generate())],
      ['secp256k1', () => Promise.resolve(Secp256k1KeyIdentity.generate())],
      ['P-256', () => ECDSAKeyIdentity.generate()],
      ['a delegation', () => delegated([canisterId])],
    ];
    // Who signs has nothing to do with the subnet: once is enough.
    test.each(subnets === ONE_SUBNET ? identities : identities.slice(-1))(
      'calls with the identity of %s',
      async (_scheme, make) => {
        const identity = await make();
        const service = await actorFor(identity);
        const own = identity.getPrincipal().toText();
        expect((await service.whoami()).toText()).toBe(own);
        expect((await service.whoami_query()).toText()).toBe(own);
      },
    );

    test('reads the status of the canister', async () => {
      await actorFor();
      const status = await CanisterStatus.request({
        agent,
        canisterId: Principal.fromText(canisterId) as never,
        paths: ['time', 'controllers', 'subnet', 'module_hash', 'candid'],
      });
      const { settings, code } = bench.replica.canister(Principal.fromText(canisterId) as never)!;
      const controllers = status.get('controllers') as unknown as Principal[];
      expect(controllers.map(String)).toEqual(settings.controllers.map(String));
      expect(status.get('module_hash')).toBe(Buffer.from(code!.moduleHash).toString('hex'));
      expect(status.get('candid')).toBeNull();
      expect(status.get('subnet')).toMatchObject({ nodeKeys: expect.any(Map) });
    });

    test('sets its clock by the replica', async () => {
      const service = await actorFor(Ed25519KeyIdentity.generate());
      // Time does not go back: all that follows runs an hour ahead.
      bench.aheadInMs = 3_600_000;
      expect(await service.echo('late')).toBe('late');
    });
  });
});

async function delegated(targets: readonly string[]): Promise<newer.SignIdentity> {
  const [user, session] = [Secp256k1KeyIdentity.generate(), Ed25519KeyIdentity.generate()];
  const tomorrow = new Date(Date.now() + 86_400_000);
  const chain = await DelegationChain.create(user, session.getPublicKey(), tomorrow, {
    targets: targets.map((text) => Principal.fromText(text)),
  });
  return DelegationIdentity.fromDelegation(session, chain);
}
