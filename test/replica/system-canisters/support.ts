/** What the tests of the system canisters share: calls by value, with the canisters' own types. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import type { ReplicaOptions, Response } from '../../../src/replica/index.js';
import type { Account } from '../../../src/replica/system-canisters/account.js';
import { CYCLES_LEDGER } from '../../../src/replica/system-canisters/cycles-ledger.js';
import { CYCLES_MINTING } from '../../../src/replica/system-canisters/cycles-minting.js';
import { ICP_LEDGER } from '../../../src/replica/system-canisters/icp-ledger.js';
import type { SystemMethods } from '../../../src/replica/system-canisters/system-canister.js';
import { Bench, dataOf } from '../support.js';

export const ANONYMOUS = Principal.anonymous();
export const ALICE = Principal.selfAuthenticating(Uint8Array.of(1));
export const BOB = Principal.selfAuthenticating(Uint8Array.of(2));

const CANISTERS = {
  icp: { id: Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai'), methods: ICP_LEDGER },
  minting: { id: Principal.fromText('rkp4c-7iaaa-aaaaa-aaaca-cai'), methods: CYCLES_MINTING },
  cycles: { id: Principal.fromText('um5iw-rqaaa-aaaaq-qaaba-cai'), methods: CYCLES_LEDGER },
} as const;

export type Name = keyof typeof CANISTERS;

export function idOf(name: Name): Principal {
  return CANISTERS[name].id;
}

export function account(owner: Principal, subaccount?: Uint8Array): Account {
  return { owner, subaccount: subaccount === undefined ? [] : [subaccount] };
}

/** A transfer of ICRC-1, all but what matters left to the ledger. */
export function transferTo(to: Account, amount: bigint, more: object = {}): object {
  const optional = { from_subaccount: [], fee: [], memo: [], created_at_time: [] };
  return { ...optional, to, amount, ...more };
}

export class SystemBench extends Bench {
  constructor(options: Partial<ReplicaOptions> = {}) {
    super({ systemCanisters: true, ...options });
  }

  /** The value that an update call replies with; what the canister does not reply is undefined. */
  tell(name: Name, method: string, value: unknown, sender = ANONYMOUS): unknown {
    return decoded(name, method, this.respond(name, method, value, sender));
  }

  /** The response to an update call, as it comes. */
  respond(name: Name, method: string, value: unknown, sender = ANONYMOUS): Response {
    return this.update(idOf(name), method, encoded(name, method, value), sender);
  }

  ask(name: Name, method: string, value?: unknown, sender = ANONYMOUS): unknown {
    const response = this.query(idOf(name), method, encoded(name, method, value), sender);
    return decoded(name, method, response);
  }

  balance(name: 'icp' | 'cycles', owner: Principal): bigint {
    return this.ask(name, 'icrc1_balance_of', account(owner)) as bigint;
  }
}

function encoded(name: Name, method: string, value: unknown): Uint8Array {
  const { argument } = (CANISTERS[name].methods as SystemMethods)[method]!;
  return IDL.encode([...argument], argument.length === 0 ? [] : [value]);
}

function decoded(name: Name, method: string, response: Response): unknown {
  const { result } = (CANISTERS[name].methods as SystemMethods)[method]!;
  return IDL.decode([...result], dataOf(response))[0];
}
