/**
 * The books of a ledger: balances, allowances, and the list of blocks that led to them. Whatever is
 * refused leaves the books as they were: a transaction is checked whole before it is applied.
 *
 * The fields are plain data, so that the state of a replica can be saved. Tokens come into being by
 * `mint` blocks alone and go by `burn` blocks and fees, so at any time
 *
 *     minted - burned - fees = the sum of the balances
 *
 * Source: ICRC-1 and ICRC-2; the errors are those of their Candid interfaces.
 */
import { hex } from '../hex.js';
import type { AccountKey } from './account.js';

/** What a ledger keeps the books of. Amounts are in the smallest unit. */
export interface Token {
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly fee: bigint;
  /** No more than this can ever be there. */
  readonly supplyMax: bigint;
  /** Transfers from it create tokens, transfers to it destroy them. */
  readonly mintingAccount: AccountKey | undefined;
}

export interface Transaction {
  readonly kind: 'mint' | 'burn' | 'transfer' | 'approve';
  readonly from?: AccountKey | undefined;
  readonly to?: AccountKey | undefined;
  /** Who moves or may move the tokens on behalf of `from`. */
  readonly spender?: AccountKey | undefined;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly memo?: Uint8Array | undefined;
  /** When the caller made the transaction, in nanoseconds; it makes a repetition detectable. */
  readonly createdAt?: bigint | undefined;
}

export interface Block extends Transaction {
  readonly timestamp: bigint;
}

export interface Allowance {
  readonly amount: bigint;
  /** In nanoseconds since 1970. */
  readonly expiresAt: bigint | undefined;
}

export interface Ledger {
  readonly balances: Map<AccountKey, bigint>;
  /** By the keys of owner and spender, see {@link allowanceKey}. */
  readonly allowances: Map<string, Allowance>;
  readonly blocks: Block[];
}

export type LedgerError =
  | { readonly BadFee: { readonly expected_fee: bigint } }
  | { readonly BadBurn: { readonly min_burn_amount: bigint } }
  | { readonly InsufficientFunds: { readonly balance: bigint } }
  | { readonly InsufficientAllowance: { readonly allowance: bigint } }
  | { readonly AllowanceChanged: { readonly current_allowance: bigint } }
  | { readonly Expired: { readonly ledger_time: bigint } }
  | { readonly TooOld: null }
  | { readonly CreatedInFuture: { readonly ledger_time: bigint } }
  | { readonly Duplicate: { readonly duplicate_of: bigint } }
  | { readonly GenericError: { readonly error_code: bigint; readonly message: string } };

export const TRANSACTION_WINDOW_IN_NANOSECONDS = 24n * 3_600n * 1_000_000_000n;
const PERMITTED_DRIFT_IN_NANOSECONDS = 120n * 1_000_000_000n;

export function emptyLedger(): Ledger {
  return { balances: new Map(), allowances: new Map(), blocks: [] };
}

export function balanceOf(ledger: Ledger, account: AccountKey): bigint {
  return ledger.balances.get(account) ?? 0n;
}

export function totalSupply(ledger: Ledger): bigint {
  return [...ledger.balances.values()].reduce((sum, balance) => sum + balance, 0n);
}

export function allowanceKey(owner: AccountKey, spender: AccountKey): string {
  return `${owner} ${spender}`;
}

/** What the spender may still take; nothing after it expired. */
export function allowanceOf(
  ledger: Ledger,
  owner: AccountKey,
  spender: AccountKey,
  now: bigint,
): Allowance {
  const allowance = ledger.allowances.get(allowanceKey(owner, spender));
  const { expiresAt } = allowance ?? {};
  const expired = expiresAt !== undefined && expiresAt <= now;
  return allowance === undefined || expired ? { amount: 0n, expiresAt: undefined } : allowance;
}

/** Why a transaction cannot be applied; undefined where it can. */
export function refusal(
  ledger: Ledger,
  token: Token,
  transaction: Transaction,
  now: bigint,
): LedgerError | undefined {
  return (
    untimely(transaction, now) ??
    repeated(ledger, transaction, now) ??
    unallowed(ledger, transaction, now) ??
    unpayable(ledger, token, transaction)
  );
}

/**
 * Writes a block and moves the tokens; the index of the block.
 *
 * PRECONDITION: {@link refusal} found nothing.
 */
export function apply(ledger: Ledger, transaction: Transaction, now: bigint): bigint {
  const { kind, from, to, spender, amount, fee } = transaction;
  const taken = kind === 'approve' ? fee : amount + fee;
  if (from !== undefined && kind !== 'mint') change(ledger, from, -taken);
  if (to !== undefined && kind !== 'burn') change(ledger, to, amount);
  if (spendsAllowance(transaction)) reduceAllowance(ledger, from!, spender!, amount + fee);
  ledger.blocks.push({ ...transaction, timestamp: now });
  return BigInt(ledger.blocks.length - 1);
}

function untimely({ createdAt }: Transaction, now: bigint): LedgerError | undefined {
  if (createdAt === undefined) return undefined;
  const oldest = now - TRANSACTION_WINDOW_IN_NANOSECONDS - PERMITTED_DRIFT_IN_NANOSECONDS;
  if (createdAt < oldest) return { TooOld: null };
  if (createdAt <= now + PERMITTED_DRIFT_IN_NANOSECONDS) return undefined;
  return { CreatedInFuture: { ledger_time: now } };
}

/** Looks back only as far as the transaction could have been accepted. */
function repeated(
  { blocks }: Ledger,
  transaction: Transaction,
  now: bigint,
): LedgerError | undefined {
  if (transaction.createdAt === undefined) return undefined;
  const oldest = now - TRANSACTION_WINDOW_IN_NANOSECONDS - 2n * PERMITTED_DRIFT_IN_NANOSECONDS;
  const fingerprint = fingerprintOf(transaction);
  for (let index = blocks.length - 1; index >= 0; index--) {
    const block = blocks[index]!;
    if (block.timestamp < oldest) return undefined;
    if (fingerprintOf(block) === fingerprint) return { Duplicate: { duplicate_of: BigInt(index) } };
  }
  return undefined;
}

function fingerprintOf(transaction: Transaction): string {
  const { kind, from, to, spender, amount, fee, memo, createdAt } = transaction;
  return [kind, from, to, spender, amount, fee, memo && hex(memo), createdAt].join(' ');
}

function unallowed(ledger: Ledger, transaction: Transaction, now: bigint): LedgerError | undefined {
  if (!spendsAllowance(transaction)) return undefined;
  const { from, spender, amount, fee } = transaction;
  const { amount: allowance } = allowanceOf(ledger, from!, spender!, now);
  return allowance < amount + fee ? { InsufficientAllowance: { allowance } } : undefined;
}

/** A spender needs no allowance for what is its own. */
function spendsAllowance({ kind, from, spender }: Transaction): boolean {
  return kind !== 'approve' && spender !== undefined && spender !== from;
}

function unpayable(
  ledger: Ledger,
  token: Token,
  transaction: Transaction,
): LedgerError | undefined {
  const { kind, from, amount, fee } = transaction;
  if (kind === 'mint') {
    if (totalSupply(ledger) + amount <= token.supplyMax) return undefined;
    const message = `the supply of ${token.symbol} cannot exceed ${token.supplyMax}`;
    return { GenericError: { error_code: 1n, message } };
  }
  const balance = balanceOf(ledger, from!);
  const taken = kind === 'approve' ? fee : amount + fee;
  return balance < taken ? { InsufficientFunds: { balance } } : undefined;
}

function reduceAllowance(
  ledger: Ledger,
  owner: AccountKey,
  spender: AccountKey,
  amount: bigint,
): void {
  const key = allowanceKey(owner, spender);
  const allowance = ledger.allowances.get(key)!;
  const rest = { ...allowance, amount: allowance.amount - amount };
  if (rest.amount === 0n) ledger.allowances.delete(key);
  else ledger.allowances.set(key, rest);
}

function change(ledger: Ledger, account: AccountKey, amount: bigint): void {
  const balance = balanceOf(ledger, account) + amount;
  if (balance === 0n) ledger.balances.delete(account);
  else ledger.balances.set(account, balance);
}
