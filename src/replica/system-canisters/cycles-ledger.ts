/**
 * The cycles ledger: cycles as a token of principals, who cannot hold cycles themselves. Beside
 * ICRC-1 and ICRC-2 it takes in cycles (`deposit`), gives them out to canisters (`withdraw`), and
 * pays for new canisters (`create_canister`).
 *
 * Unlike the real one it works in one step, so that what fails costs nothing, and no block of a
 * refund is ever needed. It leaves out `withdraw_from` and `create_canister_from`, the log of
 * blocks (ICRC-3) and lists of allowances (ICRC-103).
 *
 * Source: `cycles-ledger.did`.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import type { Opt } from '../management/idl.js';
import { RejectCode, type Rejection } from '../rejection.js';
import { AccountIdl, accountKey, Blob, type Account } from './account.js';
import { create, CreationIdl, topUp, type Creation } from './canister-creation.js';
import { icrcMethods, type LedgerKind } from './icrc.js';
import { resultOf, TRANSACTION_ERRORS } from './icrc-idl.js';
import { apply, balanceOf, refusal, type LedgerError, type Transaction } from './ledger.js';
import { trapped, update, type SystemCall, type SystemMethods } from './system-canister.js';

export const CYCLES: LedgerKind = {
  token: {
    name: 'Cycles',
    symbol: 'TCYCLES',
    decimals: 12,
    fee: 100_000_000n,
    supplyMax: 2n ** 128n - 1n,
    mintingAccount: undefined,
  },
  minter: undefined,
  ledgerOf: (books) => books.cycles,
};

const { fee: FEE } = CYCLES.token;
const CREATION_MEMO = new TextEncoder().encode('create_canister');
const SELF_AUTHENTICATING = 2;

const REJECTION_NAMES: ReadonlyMap<number, string> = new Map([
  [RejectCode.sysFatal, 'SysFatal'],
  [RejectCode.sysTransient, 'SysTransient'],
  [RejectCode.destinationInvalid, 'DestinationInvalid'],
  [RejectCode.canisterReject, 'CanisterReject'],
  [RejectCode.canisterError, 'CanisterError'],
]);

interface DepositArgument {
  readonly to: Account;
  readonly memo: Opt<Uint8Array>;
}

const DepositArgument = IDL.Record({ to: AccountIdl, memo: IDL.Opt(Blob) });

const DepositResult = IDL.Record({ balance: IDL.Nat, block_index: IDL.Nat });

interface WithdrawArgument {
  readonly amount: bigint;
  readonly from_subaccount: Opt<Uint8Array>;
  readonly to: Principal;
  readonly created_at_time: Opt<bigint>;
}

const WithdrawArgument = IDL.Record({
  amount: IDL.Nat,
  from_subaccount: IDL.Opt(Blob),
  to: IDL.Principal,
  created_at_time: IDL.Opt(IDL.Nat64),
});

const RejectionCode = IDL.Variant({
  NoError: IDL.Null,
  CanisterError: IDL.Null,
  SysTransient: IDL.Null,
  DestinationInvalid: IDL.Null,
  Unknown: IDL.Null,
  SysFatal: IDL.Null,
  CanisterReject: IDL.Null,
});

const WithdrawResult = resultOf(IDL.Nat, {
  ...TRANSACTION_ERRORS,
  BadFee: IDL.Record({ expected_fee: IDL.Nat }),
  InvalidReceiver: IDL.Record({ receiver: IDL.Principal }),
  FailedToWithdraw: IDL.Record({
    fee_block: IDL.Opt(IDL.Nat),
    rejection_code: RejectionCode,
    rejection_reason: IDL.Text,
  }),
});

interface CreateArgument {
  readonly amount: bigint;
  readonly from_subaccount: Opt<Uint8Array>;
  readonly created_at_time: Opt<bigint>;
  readonly creation_args: Opt<Creation>;
}

const CreateArgument = IDL.Record({
  amount: IDL.Nat,
  from_subaccount: IDL.Opt(Blob),
  created_at_time: IDL.Opt(IDL.Nat64),
  creation_args: IDL.Opt(CreationIdl),
});

const CreateResult = resultOf(IDL.Record({ block_id: IDL.Nat, canister_id: IDL.Principal }), {
  ...TRANSACTION_ERRORS,
  Duplicate: IDL.Record({ duplicate_of: IDL.Nat, canister_id: IDL.Opt(IDL.Principal) }),
  FailedToCreate: IDL.Record({
    fee_block: IDL.Opt(IDL.Nat),
    refund_block: IDL.Opt(IDL.Nat),
    error: IDL.Text,
  }),
});

export const CYCLES_LEDGER: SystemMethods = {
  ...icrcMethods(CYCLES),
  deposit: update<DepositArgument>([DepositArgument], DepositResult, deposit),
  withdraw: update<WithdrawArgument>([WithdrawArgument], WithdrawResult, (call, argument) => [
    withdraw(call, argument),
  ]),
  create_canister: update<CreateArgument>([CreateArgument], CreateResult, (call, argument) => [
    createCanister(call, argument),
  ]),
};

/** Takes all cycles of the call, of which the fee is gone. */
function deposit(call: SystemCall, { to, memo }: DepositArgument): readonly [unknown] | Rejection {
  const { cycles } = call;
  if (cycles < FEE) {
    const text = `The requested amount ${cycles} to be deposited is less than the fee ${FEE}`;
    return trapped(call.self, text);
  }
  call.cycles = 0n;
  return [credit(call, to, cycles - FEE, memo[0])];
}

/** Puts new cycles on an account; the amount is bounded by the cycles that there are. */
export function credit(
  { books, now }: SystemCall,
  to: Account,
  amount: bigint,
  memo: Uint8Array | undefined,
): { readonly balance: bigint; readonly block_index: bigint } {
  const account = accountKey(to);
  const transaction: Transaction = { kind: 'mint', to: account, amount, fee: 0n, memo };
  const index = apply(books.cycles, transaction, now);
  return { balance: balanceOf(books.cycles, account), block_index: index };
}

function withdraw(call: SystemCall, argument: WithdrawArgument): object {
  const { amount, to } = argument;
  if (isSelfAuthenticating(to)) return { Err: { InvalidReceiver: { receiver: to } } };
  const burn = burnFor(call, argument, to.toUint8Array());
  const error = refusal(call.books.cycles, CYCLES.token, burn, call.now);
  if (error !== undefined) return { Err: error };
  const rejection = topUp(call, to, amount);
  if (rejection === undefined) return { Ok: apply(call.books.cycles, burn, call.now) };
  const rejection_code = { [nameOf(rejection.rejectCode)]: null };
  const failure = { fee_block: [], rejection_code, rejection_reason: rejection.message };
  return { Err: { FailedToWithdraw: failure } };
}

function createCanister(call: SystemCall, argument: CreateArgument): object {
  const ledger = call.books.cycles;
  const burn = burnFor(call, argument, CREATION_MEMO);
  const error = refusal(ledger, CYCLES.token, burn, call.now);
  if (error !== undefined) return { Err: withCanister(call, error) };
  const [creation = { settings: [], subnet_selection: [] }] = argument.creation_args;
  const created = create(call, call.caller, creation as Creation, argument.amount);
  if ('failure' in created) {
    const failure = { fee_block: [], refund_block: [], error: created.failure };
    return { Err: { FailedToCreate: failure } };
  }
  const index = apply(ledger, burn, call.now);
  call.books.createdCanisters.set(index, created.toText());
  return { Ok: { block_id: index, canister_id: created } };
}

/** The memo says what the cycles were for: two payments that differ in it are no duplicates. */
function burnFor(
  { caller }: SystemCall,
  argument: Pick<CreateArgument, 'amount' | 'from_subaccount' | 'created_at_time'>,
  memo: Uint8Array,
): Transaction {
  const { amount, from_subaccount, created_at_time } = argument;
  const from = accountKey({ owner: caller, subaccount: from_subaccount });
  return { kind: 'burn', from, amount, fee: FEE, memo, createdAt: created_at_time[0] };
}

/** The error of a repeated creation names the canister that the first one made. */
function withCanister({ books }: SystemCall, error: LedgerError): object {
  if (!('Duplicate' in error)) return error;
  const { duplicate_of } = error.Duplicate;
  const created = books.createdCanisters.get(duplicate_of);
  const canister_id = created === undefined ? [] : [Principal.fromText(created)];
  return { Duplicate: { duplicate_of, canister_id } };
}

/** Principals of this kind belong to keys, not to canisters. */
function isSelfAuthenticating(principal: Principal): boolean {
  return principal.toUint8Array().at(-1) === SELF_AUTHENTICATING;
}

function nameOf(rejectCode: number): string {
  return REJECTION_NAMES.get(rejectCode) ?? 'Unknown';
}
