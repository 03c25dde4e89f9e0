/**
 * The methods of ICRC-1 and ICRC-2, for any ledger. Both ledgers of this replica have them.
 *
 * Source: the ICRC-1 and ICRC-2 standards.
 */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import type { Opt } from '../management/idl.js';
import { samePrincipal } from '../principals.js';
import type { Rejection } from '../rejection.js';
import { accountKey, AccountIdl, type Account } from './account.js';
import * as idl from './icrc-idl.js';
import * as books from './ledger.js';
import type { Ledger, LedgerError, Token, Transaction } from './ledger.js';
import { query, trapped, update, type SystemCall, type SystemMethods } from './system-canister.js';
import type { SystemCanisterState } from './system-state.js';

/** A token, and where its books are. */
export interface LedgerKind {
  readonly token: Token;
  /** The account that `icrc1_minting_account` tells. */
  readonly minter: Principal | undefined;
  readonly ledgerOf: (books: SystemCanisterState) => Ledger;
}

const STANDARDS = [
  { name: 'ICRC-1', url: 'https://github.com/dfinity/ICRC-1' },
  { name: 'ICRC-2', url: 'https://github.com/dfinity/ICRC-1/tree/main/standards/ICRC-2' },
];

export function icrcMethods(kind: LedgerKind): SystemMethods {
  return { ...tokenMethods(kind), ...balanceMethods(kind), ...transferMethods(kind) };
}

function tokenMethods({ token, minter }: LedgerKind): SystemMethods {
  const metadata = [
    ['icrc1:name', { Text: token.name }],
    ['icrc1:symbol', { Text: token.symbol }],
    ['icrc1:decimals', { Nat: BigInt(token.decimals) }],
    ['icrc1:fee', { Nat: token.fee }],
  ];
  const account = minter === undefined ? [] : [{ owner: minter, subaccount: [] }];
  return {
    icrc1_name: query([], IDL.Text, () => token.name),
    icrc1_symbol: query([], IDL.Text, () => token.symbol),
    icrc1_decimals: query([], IDL.Nat8, () => token.decimals),
    icrc1_fee: query([], IDL.Nat, () => token.fee),
    icrc1_metadata: query([], idl.Metadata, () => metadata),
    icrc1_minting_account: query([], IDL.Opt(AccountIdl), () => account),
    icrc1_supported_standards: query([], idl.SupportedStandards, () => STANDARDS),
  };
}

function balanceMethods({ ledgerOf }: LedgerKind): SystemMethods {
  return {
    icrc1_total_supply: query([], IDL.Nat, (call) => books.totalSupply(ledgerOf(call.books))),
    icrc1_balance_of: query<Account>([AccountIdl], IDL.Nat, (call, account) =>
      books.balanceOf(ledgerOf(call.books), accountKey(account)),
    ),
    icrc2_allowance: query<idl.AllowanceArgument>(
      [idl.AllowanceArgument],
      idl.AllowanceResult,
      (call, { account, spender }) => {
        const keys = [accountKey(account), accountKey(spender)] as const;
        const { amount, expiresAt } = books.allowanceOf(ledgerOf(call.books), ...keys, call.now);
        return { allowance: amount, expires_at: expiresAt === undefined ? [] : [expiresAt] };
      },
    ),
  };
}

function transferMethods(kind: LedgerKind): SystemMethods {
  return {
    icrc1_transfer: update<idl.TransferArgument>(
      [idl.TransferArgument],
      idl.TransferResult,
      (call, argument) => {
        const from = accountKey({ owner: call.caller, subaccount: argument.from_subaccount });
        return [transfer(kind, call, { ...argument, from })];
      },
    ),
    icrc2_transfer_from: update<idl.TransferFromArgument>(
      [idl.TransferFromArgument],
      idl.TransferFromResult,
      (call, argument) => {
        const from = accountKey(argument.from);
        const spender = accountKey({ owner: call.caller, subaccount: argument.spender_subaccount });
        return [transfer(kind, call, { ...argument, from, spender })];
      },
    ),
    icrc2_approve: update<idl.ApproveArgument>(
      [idl.ApproveArgument],
      idl.ApproveResult,
      (call, argument) => approve(kind, call, argument),
    ),
  };
}

export type LedgerResult<Ok> = { readonly Ok: Ok } | { readonly Err: LedgerError };

interface TransferRequest {
  readonly from: books.Transaction['from'];
  readonly spender?: books.Transaction['spender'];
  readonly to: Account;
  readonly amount: bigint;
  readonly fee: Opt<bigint>;
  readonly memo: Opt<Uint8Array>;
  readonly created_at_time: Opt<bigint>;
}

function transfer(
  { token, ledgerOf }: LedgerKind,
  { books: all, now }: SystemCall,
  { from, spender, to, amount, fee, memo, created_at_time }: TransferRequest,
): LedgerResult<bigint> {
  const transaction = transferTransaction(token, {
    from,
    spender,
    to: accountKey(to),
    amount,
    memo: memo[0],
    createdAt: created_at_time[0],
  });
  const expected = transaction.fee;
  if (fee[0] !== undefined && fee[0] !== expected)
    return { Err: { BadFee: { expected_fee: expected } } };
  return record(ledgerOf(all), token, transaction, now);
}

/** A transfer from or to the minting account mints or burns, and costs no fee. */
export function transferTransaction(
  token: Token,
  transfer: Omit<Transaction, 'kind' | 'fee'>,
): Transaction {
  if (token.mintingAccount !== undefined) {
    if (transfer.from === token.mintingAccount) return { ...transfer, kind: 'mint', fee: 0n };
    if (transfer.to === token.mintingAccount) return { ...transfer, kind: 'burn', fee: 0n };
  }
  return { ...transfer, kind: 'transfer', fee: token.fee };
}

/** Applies a transaction if nothing speaks against it; the index of its block. */
export function record(
  ledger: Ledger,
  token: Token,
  transaction: Transaction,
  now: bigint,
): LedgerResult<bigint> {
  const tooSmall = transaction.kind === 'burn' && transaction.amount < token.fee;
  if (tooSmall) return { Err: { BadBurn: { min_burn_amount: token.fee } } };
  const error = books.refusal(ledger, token, transaction, now);
  return error === undefined ? { Ok: books.apply(ledger, transaction, now) } : { Err: error };
}

function approve(
  { token, ledgerOf }: LedgerKind,
  call: SystemCall,
  argument: idl.ApproveArgument,
): readonly [LedgerResult<bigint>] | Rejection {
  if (samePrincipal(argument.spender.owner, call.caller)) {
    return trapped(call.self, 'self approval is not allowed');
  }
  const refuse = (error: LedgerError): readonly [LedgerResult<bigint>] => [{ Err: error }];
  const [fee = token.fee] = argument.fee;
  if (fee !== token.fee) return refuse({ BadFee: { expected_fee: token.fee } });
  const from = accountKey({ owner: call.caller, subaccount: argument.from_subaccount });
  const spender = accountKey(argument.spender);
  const ledger = ledgerOf(call.books);
  const { amount: current } = books.allowanceOf(ledger, from, spender, call.now);
  const [expected = current] = argument.expected_allowance;
  if (expected !== current) return refuse({ AllowanceChanged: { current_allowance: current } });
  const [expiresAt] = argument.expires_at;
  if (expiresAt !== undefined && expiresAt <= call.now) {
    return refuse({ Expired: { ledger_time: call.now } });
  }
  // More than there is cannot be spent: the number is kept within the bounds of the token.
  const amount = argument.amount < token.supplyMax ? argument.amount : token.supplyMax;
  const [memo] = argument.memo;
  const [createdAt] = argument.created_at_time;
  const transaction: Transaction = { kind: 'approve', from, spender, amount, fee, memo, createdAt };
  const result = record(ledger, token, transaction, call.now);
  if ('Ok' in result) allow(ledger, from, spender, { amount, expiresAt });
  return [result];
}

function allow(
  { allowances }: Ledger,
  owner: string,
  spender: string,
  allowance: books.Allowance,
): void {
  const key = books.allowanceKey(owner, spender);
  if (allowance.amount === 0n) allowances.delete(key);
  else allowances.set(key, allowance);
}
