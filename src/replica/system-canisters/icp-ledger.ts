/**
 * The ICP ledger: ICRC-1 and ICRC-2, and before them in time its own `transfer`, which names the
 * destination by account identifier.
 *
 * Of the real ledger this leaves out what reads old blocks (`query_blocks`, archives), the texts of
 * hardware wallets (ICRC-21), and lists of allowances (ICRC-103).
 *
 * Source: `ledger.did` of the ICP ledger.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import type { Opt } from '../management/idl.js';
import type { Rejection } from '../rejection.js';
import {
  accountIdentifier,
  AccountIdl,
  accountKey,
  Blob,
  keyOfIdentifier,
  type Account,
} from './account.js';
import { icrcMethods, record, transferTransaction, type LedgerKind } from './icrc.js';
import { resultOf } from './icrc-idl.js';
import { balanceOf, TRANSACTION_WINDOW_IN_NANOSECONDS, type LedgerError } from './ledger.js';
import { query, trapped, update, type SystemCall, type SystemMethods } from './system-canister.js';

/** The governance canister, which alone mints ICP on the real network. */
const GOVERNANCE = Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai');

export const ICP: LedgerKind = {
  token: {
    name: 'Internet Computer',
    symbol: 'ICP',
    decimals: 8,
    fee: 10_000n,
    supplyMax: 2n ** 64n - 1n,
    mintingAccount: accountKey({ owner: GOVERNANCE, subaccount: [] }),
  },
  minter: GOVERNANCE,
  ledgerOf: (books) => books.icp,
};

const Tokens = IDL.Record({ e8s: IDL.Nat64 });
const TimeStamp = IDL.Record({ timestamp_nanos: IDL.Nat64 });

interface Tokens {
  readonly e8s: bigint;
}

interface TransferArgument {
  readonly memo: bigint;
  readonly amount: Tokens;
  readonly fee: Tokens;
  readonly from_subaccount: Opt<Uint8Array>;
  readonly to: Uint8Array;
  readonly created_at_time: Opt<{ readonly timestamp_nanos: bigint }>;
}

const TransferArgument = IDL.Record({
  memo: IDL.Nat64,
  amount: Tokens,
  fee: Tokens,
  from_subaccount: IDL.Opt(Blob),
  to: Blob,
  created_at_time: IDL.Opt(TimeStamp),
});

const TransferResult = resultOf(IDL.Nat64, {
  BadFee: IDL.Record({ expected_fee: Tokens }),
  InsufficientFunds: IDL.Record({ balance: Tokens }),
  TxTooOld: IDL.Record({ allowed_window_nanos: IDL.Nat64 }),
  TxCreatedInFuture: IDL.Null,
  TxDuplicate: IDL.Record({ duplicate_of: IDL.Nat64 }),
});

export const ICP_LEDGER: SystemMethods = {
  ...icrcMethods(ICP),
  transfer: update<TransferArgument>([TransferArgument], TransferResult, transfer),
  account_balance: query<{ account: Uint8Array }>(
    [IDL.Record({ account: Blob })],
    Tokens,
    ({ books }, { account }) => {
      // Who asks for an account that cannot be, learns that there is nothing on it.
      const key = keyOfIdentifier(account);
      return { e8s: key === undefined ? 0n : balanceOf(books.icp, key) };
    },
  ),
  account_identifier: query<Account>([AccountIdl], Blob, (_call, account) =>
    accountIdentifier(account),
  ),
  transfer_fee: query([IDL.Record({})], IDL.Record({ transfer_fee: Tokens }), () => ({
    transfer_fee: { e8s: ICP.token.fee },
  })),
  name: query([], IDL.Record({ name: IDL.Text }), () => ({ name: ICP.token.name })),
  symbol: query([], IDL.Record({ symbol: IDL.Text }), () => ({ symbol: ICP.token.symbol })),
  decimals: query([], IDL.Record({ decimals: IDL.Nat32 }), () => ({
    decimals: ICP.token.decimals,
  })),
};

function transfer(call: SystemCall, argument: TransferArgument): readonly [unknown] | Rejection {
  const to = keyOfIdentifier(argument.to);
  if (to === undefined) return trapped(call.self, 'Invalid account identifier in the field "to"');
  const transaction = transferTransaction(ICP.token, {
    from: accountKey({ owner: call.caller, subaccount: argument.from_subaccount }),
    to,
    amount: argument.amount.e8s,
    memo: memoBytes(argument.memo),
    createdAt: argument.created_at_time[0]?.timestamp_nanos,
  });
  if (argument.fee.e8s !== transaction.fee) {
    return [{ Err: { BadFee: { expected_fee: { e8s: transaction.fee } } } }];
  }
  const result = record(call.books.icp, ICP.token, transaction, call.now);
  if ('Ok' in result) return [result];
  const error = ownError(result.Err);
  return 'trap' in error ? trapped(call.self, error.trap) : [{ Err: error }];
}

/** A memo is a number here and bytes in ICRC-1; the blocks hold bytes, little-endian. */
export function memoBytes(memo: bigint): Uint8Array {
  return Uint8Array.from({ length: 8 }, (_, index) => Number((memo >> BigInt(8 * index)) & 0xffn));
}

/** The ledger's own errors are older than ICRC-1; what they cannot express is a trap. */
function ownError(error: LedgerError): object | { readonly trap: string } {
  if ('InsufficientFunds' in error) {
    return { InsufficientFunds: { balance: { e8s: error.InsufficientFunds.balance } } };
  }
  if ('TooOld' in error) {
    return { TxTooOld: { allowed_window_nanos: TRANSACTION_WINDOW_IN_NANOSECONDS } };
  }
  if ('CreatedInFuture' in error) return { TxCreatedInFuture: null };
  if ('Duplicate' in error) return { TxDuplicate: error.Duplicate };
  if ('BadBurn' in error) return { trap: `Burns lower than ${ICP.token.fee} e8s are not allowed` };
  return { trap: 'GenericError' in error ? error.GenericError.message : 'unexpected error' };
}
