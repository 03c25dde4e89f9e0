/**
 * The cycles minting canister (CMC): turns ICP into cycles, and tells where new canisters go.
 *
 * Who wants cycles first pays: a transfer on the ICP ledger to the CMC's subaccount for the one who
 * is to have them, with a memo that says what for. Then a `notify` method names the block. The CMC
 * burns the ICP and gives the cycles, once for each block; asked again it repeats its answer.
 *
 *     MEMO     METHOD                     SUBACCOUNT OF     CYCLES GO TO
 *     "MINT"   notify_mint_cycles         the caller        the caller's account, cycles ledger
 *     "TPUP"   notify_top_up              the canister      the canister
 *     "CREA"   notify_create_canister     the controller    the new canister
 *
 * The rate is fixed at 3.52 XDR for 1 ICP, which is what PocketIC starts with: 1 e8 of ICP gives
 * 35,200 cycles. Of the real canister this leaves out refunds (a payment that cannot be settled
 * stays where it is, and may be notified again), the certificate of the rate, and subnet types.
 *
 * Source: `cmc.did`; specs/replica.md section 3.2.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import { hex } from '../hex.js';
import { Settings, type Opt } from '../management/idl.js';
import { samePrincipal } from '../principals.js';
import type { ReplicaState } from '../state.js';
import { defaultSubnet } from '../topology.js';
import { accountKey, Blob, subaccountOf } from './account.js';
import { create, CreationIdl, SubnetSelection, topUp, type Creation } from './canister-creation.js';
import { credit, CYCLES } from './cycles-ledger.js';
import { memoBytes } from './icp-ledger.js';
import { apply } from './ledger.js';
import { query, update, type SystemCall, type SystemMethods } from './system-canister.js';
import type { SettledPayment } from './system-state.js';

/** 10,000ths of an XDR for 1 ICP; as 1 XDR is 10^12 cycles, also cycles for 10^-8 ICP. */
const XDR_PERMYRIAD_PER_ICP = 35_200n;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

const MEMOS = { mint: 0x544e_494dn, 'top up': 0x5055_5054n, create: 0x4145_5243n } as const;

const NotifyError = IDL.Variant({
  Refunded: IDL.Record({ reason: IDL.Text, block_index: IDL.Opt(IDL.Nat64) }),
  Processing: IDL.Null,
  TransactionTooOld: IDL.Nat64,
  InvalidTransaction: IDL.Text,
  Other: IDL.Record({ error_code: IDL.Nat64, error_message: IDL.Text }),
});

interface NotifyMint {
  readonly block_index: bigint;
  readonly to_subaccount: Opt<Uint8Array>;
  readonly deposit_memo: Opt<Uint8Array>;
}

const NotifyMint = IDL.Record({
  block_index: IDL.Nat64,
  to_subaccount: IDL.Opt(Blob),
  deposit_memo: IDL.Opt(Blob),
});

const Minted = IDL.Record({ balance: IDL.Nat, block_index: IDL.Nat, minted: IDL.Nat });

interface NotifyTopUp {
  readonly block_index: bigint;
  readonly canister_id: Principal;
}

const NotifyTopUp = IDL.Record({ block_index: IDL.Nat64, canister_id: IDL.Principal });

interface NotifyCreate extends Creation {
  readonly block_index: bigint;
  readonly controller: Principal;
}

const NotifyCreate = IDL.Record({
  block_index: IDL.Nat64,
  controller: IDL.Principal,
  settings: IDL.Opt(Settings),
  subnet_selection: IDL.Opt(SubnetSelection),
});

const Rate = IDL.Record({
  data: IDL.Record({ timestamp_seconds: IDL.Nat64, xdr_permyriad_per_icp: IDL.Nat64 }),
  hash_tree: Blob,
  certificate: Blob,
});

const CreateResult = IDL.Variant({
  Ok: IDL.Principal,
  Err: IDL.Variant({
    Refunded: IDL.Record({ refund_amount: IDL.Nat, create_error: IDL.Text }),
  }),
});

const SubnetTypes = IDL.Record({ data: IDL.Vec(IDL.Tuple(IDL.Text, IDL.Vec(IDL.Principal))) });

export const CYCLES_MINTING: SystemMethods = {
  get_default_subnets: query([], IDL.Vec(IDL.Principal), ({ state }) => defaultSubnets(state)),
  get_subnet_types_to_subnets: query([], SubnetTypes, () => ({ data: [] })),
  get_icp_xdr_conversion_rate: query([], Rate, ({ now }) => ({
    data: {
      timestamp_seconds: now / NANOSECONDS_PER_SECOND,
      xdr_permyriad_per_icp: XDR_PERMYRIAD_PER_ICP,
    },
    hash_tree: new Uint8Array(0),
    certificate: new Uint8Array(0),
  })),
  notify_mint_cycles: update<NotifyMint>([NotifyMint], answerOf(Minted), (call, argument) => [
    settle(call, argument.block_index, { kind: 'mint', for: call.caller }, (cycles) => {
      const to = { owner: call.caller, subaccount: argument.to_subaccount };
      const { fee } = CYCLES.token;
      if (cycles < fee) return { failure: `${cycles} cycles are less than the fee of ${fee}` };
      const minted = credit(call, to, cycles - fee, argument.deposit_memo[0]);
      return { kind: 'mint', minted: cycles, ...minted };
    }),
  ]),
  notify_top_up: update<NotifyTopUp>([NotifyTopUp], answerOf(IDL.Nat), (call, argument) => [
    settle(call, argument.block_index, { kind: 'top up', for: argument.canister_id }, (cycles) => {
      const rejection = topUp(call, argument.canister_id, cycles);
      return rejection === undefined ? { kind: 'top up', cycles } : { failure: rejection.message };
    }),
  ]),
  notify_create_canister: update<NotifyCreate>(
    [NotifyCreate],
    answerOf(IDL.Principal),
    notifyCreate,
  ),
  create_canister: update<Creation>([CreationIdl], CreateResult, createForCanister),
};

/** Every subnet for applications; where there is none, the one that takes their place. */
function defaultSubnets({ subnets }: ReplicaState): Principal[] {
  const applications = subnets.filter(({ kind }) => kind === 'Application');
  const chosen = applications.length === 0 ? [defaultSubnet(subnets)] : applications;
  return chosen.map(({ id }) => id);
}

function answerOf(ok: IDL.Type): IDL.Type {
  return IDL.Variant({ Ok: ok, Err: NotifyError });
}

function notifyCreate(call: SystemCall, argument: NotifyCreate): readonly [unknown] {
  const { controller } = argument;
  if (!samePrincipal(controller, call.caller)) {
    const text = 'Canister creation can only be notified by the one who is to control it';
    return [{ Err: { InvalidTransaction: text } }];
  }
  const paidFor = { kind: 'create', for: controller } as const;
  return [
    settle(call, argument.block_index, paidFor, (cycles) => {
      const created = create(call, controller, argument, cycles);
      return 'failure' in created ? created : { kind: 'create', canisterId: created.toText() };
    }),
  ];
}

/** For canisters, which pay with the cycles of the call. */
function createForCanister(call: SystemCall, creation: Creation): readonly [unknown] {
  const { cycles } = call;
  const created = create(call, call.caller, creation, cycles);
  if ('failure' in created) {
    return [{ Err: { Refunded: { refund_amount: cycles, create_error: created.failure } } }];
  }
  call.cycles = 0n;
  return [{ Ok: created }];
}

interface PaidFor {
  readonly kind: SettledPayment['kind'];
  readonly for: Principal;
}

/** Checks the payment, carries out what it is for, and burns it; or repeats what was answered. */
function settle(
  call: SystemCall,
  blockIndex: bigint,
  paidFor: PaidFor,
  carryOut: (cycles: bigint) => SettledPayment | { readonly failure: string },
): object {
  const amount = paidAmount(call, blockIndex, paidFor);
  if (typeof amount === 'string') return { Err: { InvalidTransaction: amount } };
  const settled = call.books.settledPayments.get(blockIndex);
  if (settled !== undefined) return { Ok: valueOf(settled) };
  const payment = carryOut(amount * XDR_PERMYRIAD_PER_ICP);
  if ('failure' in payment) {
    return { Err: { Other: { error_code: 0n, error_message: payment.failure } } };
  }
  const from = paymentAccount(call.self, paidFor.for);
  apply(call.books.icp, { kind: 'burn', from, amount, fee: 0n }, call.now);
  call.books.settledPayments.set(blockIndex, payment);
  return { Ok: valueOf(payment) };
}

/** The amount of a payment for this purpose; a text that says why the block is none. */
function paidAmount({ books, self }: SystemCall, index: bigint, paidFor: PaidFor): bigint | string {
  const block = books.icp.blocks[Number(index)];
  if (block?.kind !== 'transfer') return `Block ${index} of the ICP ledger is no transfer`;
  if (block.to !== paymentAccount(self, paidFor.for)) {
    return `Block ${index} does not pay for ${paidFor.for.toText()}`;
  }
  const memo = hex(memoBytes(MEMOS[paidFor.kind]));
  if (hex(block.memo ?? new Uint8Array(0)) === memo) return block.amount;
  return `The memo of block ${index} does not ask for this; expected ${MEMOS[paidFor.kind]}`;
}

function paymentAccount(self: Principal, payer: Principal): string {
  return accountKey({ owner: self, subaccount: [subaccountOf(payer)] });
}

function valueOf(payment: SettledPayment): unknown {
  switch (payment.kind) {
    case 'mint': {
      const { minted, balance, block_index } = payment;
      return { minted, balance, block_index };
    }
    case 'top up':
      return payment.cycles;
    case 'create':
      return Principal.fromText(payment.canisterId);
  }
}
