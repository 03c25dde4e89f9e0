/**
 * The Candid types of ICRC-1 and ICRC-2, and the TypeScript shapes that decoding gives.
 *
 * Source: the ICRC-1 and ICRC-2 standards.
 */
import { IDL } from '@dfinity/candid';

import type { Opt } from '../management/idl.js';
import { AccountIdl, Blob, type Account } from './account.js';

export interface TransferArgument {
  readonly from_subaccount: Opt<Uint8Array>;
  readonly to: Account;
  readonly amount: bigint;
  readonly fee: Opt<bigint>;
  readonly memo: Opt<Uint8Array>;
  readonly created_at_time: Opt<bigint>;
}

export const TransferArgument = IDL.Record({
  from_subaccount: IDL.Opt(Blob),
  to: AccountIdl,
  amount: IDL.Nat,
  fee: IDL.Opt(IDL.Nat),
  memo: IDL.Opt(Blob),
  created_at_time: IDL.Opt(IDL.Nat64),
});

export interface TransferFromArgument extends Omit<TransferArgument, 'from_subaccount'> {
  readonly spender_subaccount: Opt<Uint8Array>;
  readonly from: Account;
}

export const TransferFromArgument = IDL.Record({
  spender_subaccount: IDL.Opt(Blob),
  from: AccountIdl,
  to: AccountIdl,
  amount: IDL.Nat,
  fee: IDL.Opt(IDL.Nat),
  memo: IDL.Opt(Blob),
  created_at_time: IDL.Opt(IDL.Nat64),
});

export interface ApproveArgument {
  readonly from_subaccount: Opt<Uint8Array>;
  readonly spender: Account;
  readonly amount: bigint;
  readonly expected_allowance: Opt<bigint>;
  readonly expires_at: Opt<bigint>;
  readonly fee: Opt<bigint>;
  readonly memo: Opt<Uint8Array>;
  readonly created_at_time: Opt<bigint>;
}

export const ApproveArgument = IDL.Record({
  from_subaccount: IDL.Opt(Blob),
  spender: AccountIdl,
  amount: IDL.Nat,
  expected_allowance: IDL.Opt(IDL.Nat),
  expires_at: IDL.Opt(IDL.Nat64),
  fee: IDL.Opt(IDL.Nat),
  memo: IDL.Opt(Blob),
  created_at_time: IDL.Opt(IDL.Nat64),
});

export interface AllowanceArgument {
  readonly account: Account;
  readonly spender: Account;
}

export const AllowanceArgument = IDL.Record({ account: AccountIdl, spender: AccountIdl });

export const AllowanceResult = IDL.Record({
  allowance: IDL.Nat,
  expires_at: IDL.Opt(IDL.Nat64),
});

/** The errors that every transaction can meet. */
export const TRANSACTION_ERRORS = {
  InsufficientFunds: IDL.Record({ balance: IDL.Nat }),
  TooOld: IDL.Null,
  CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
  Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
  TemporarilyUnavailable: IDL.Null,
  GenericError: IDL.Record({ error_code: IDL.Nat, message: IDL.Text }),
};

const TRANSFER_ERRORS = {
  ...TRANSACTION_ERRORS,
  BadFee: IDL.Record({ expected_fee: IDL.Nat }),
  BadBurn: IDL.Record({ min_burn_amount: IDL.Nat }),
};

export function resultOf(ok: IDL.Type, errors: Record<string, IDL.Type>): IDL.VariantClass {
  return IDL.Variant({ Ok: ok, Err: IDL.Variant(errors) });
}

export const TransferResult = resultOf(IDL.Nat, TRANSFER_ERRORS);

export const TransferFromResult = resultOf(IDL.Nat, {
  ...TRANSFER_ERRORS,
  InsufficientAllowance: IDL.Record({ allowance: IDL.Nat }),
});

export const ApproveResult = resultOf(IDL.Nat, {
  ...TRANSACTION_ERRORS,
  BadFee: IDL.Record({ expected_fee: IDL.Nat }),
  AllowanceChanged: IDL.Record({ current_allowance: IDL.Nat }),
  Expired: IDL.Record({ ledger_time: IDL.Nat64 }),
});

export const Metadata = IDL.Vec(
  IDL.Tuple(IDL.Text, IDL.Variant({ Nat: IDL.Nat, Int: IDL.Int, Text: IDL.Text, Blob })),
);

export const SupportedStandards = IDL.Vec(IDL.Record({ name: IDL.Text, url: IDL.Text }));
