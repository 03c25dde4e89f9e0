/**
 * The system interface: every function that a canister may import from the module `ic0`, the modes
 * in which it may be called, and what it does. A call in any other mode traps with IC0504.
 *
 * Pointers, sizes and 32-bit numbers are `number`, unsigned; 64-bit numbers are `bigint`, unsigned.
 * Copying functions end in `(target, offset, size)`.
 *
 * What differs from the real system, and is said here because nothing else would show it:
 * - `performance_counter` counts system calls only (see `MessageExecution.count`).
 * - There are no data certificates yet: `data_certificate_present` answers 0.
 * - Nothing is charged: `cost_call` is 0 and all of the balance is liquid.
 * - Calls never expire: a best-effort call is carried out like any other, `msg_deadline` is 0.
 *
 * Source: IC interface specification, "System API"; specs/replica.md section 4.1.
 */
import { Principal } from '@dfinity/principal';

import { isController } from './canister.js';
import type { Mode } from './entry-point.js';
import type { SystemCall } from './host.js';
import * as calls from './ic0-calls.js';
import type { MessageExecution as Message } from './message-execution.js';
import { explicitTrap } from './trap.js';

const ALL = 's I G U RQ NRQ TQ CQ Ry Rt CRy CRt C CC F T';
const ALL_BUT_START = 'I G U RQ NRQ TQ CQ Ry Rt CRy CRt C CC F T';
const WITH_ARGUMENT = 'I U RQ NRQ TQ CQ Ry CRy F';
const ANSWERING = 'U RQ NRQ TQ CQ Ry Rt CRy CRt';
const CALLING = 'U CQ Ry Rt CRy CRt T';
const PAYING = 'U Ry Rt T';
const ACCEPTING = 'U RQ Ry Rt';
const REPLICATED = 'I G U RQ Ry Rt C T';

const PRINCIPAL_SIZE_MAX = 29;
const CERTIFIED_DATA_SIZE_MAX = 32;
const NARROW_STABLE_PAGES_MAX = 65_536;
const GROW_REFUSED = 2n ** 64n - 1n;
const utf8 = new TextEncoder();

const STATUS_NUMBERS = { running: 1, stopping: 2, stopped: 3 } as const;

export const IC0: Readonly<Record<string, SystemCall>> = {
  // The message.
  msg_arg_data_size: on(WITH_ARGUMENT, (m) => m.input.argument.length),
  msg_arg_data_copy: copy(WITH_ARGUMENT, 'msg_arg_data_copy', (m) => m.input.argument),
  msg_caller_size: on(ALL_BUT_START, (m) => m.input.caller.toUint8Array().length),
  msg_caller_copy: copy(ALL_BUT_START, 'msg_caller_copy', (m) => m.input.caller.toUint8Array()),
  msg_reject_code: on('Ry Rt CRy CRt C', (m) => m.input.rejection?.rejectCode ?? 0),
  msg_reject_msg_size: on('Rt CRt', (m) => rejectMessage(m).length),
  msg_reject_msg_copy: copy('Rt CRt', 'msg_reject_msg_copy', rejectMessage),
  msg_deadline: on(ANSWERING, () => 0n),
  msg_reply_data_append: on(ANSWERING, calls.appendReply),
  msg_reply: on(ANSWERING, calls.reply),
  msg_reject: on(ANSWERING, calls.reject),

  // The inspection of ingress messages.
  msg_method_name_size: on('F', (m) => utf8.encode(m.input.method).length),
  msg_method_name_copy: copy('F', 'msg_method_name_copy', (m) => utf8.encode(m.input.method)),
  accept_message: on('F', (m) => {
    if (m.accepted) m.violate('ic0.accept_message: the message is already accepted');
    m.accepted = true;
  }),

  // Cycles.
  msg_cycles_available: on('U RQ Ry Rt', (m) => narrow(m, m.availableCycles)),
  msg_cycles_available128: on(ACCEPTING, (m, target: number) => {
    m.storeU128(target, m.availableCycles);
  }),
  msg_cycles_refunded: on('Ry Rt', (m) => narrow(m, m.input.refundedCycles)),
  msg_cycles_refunded128: on('Ry Rt', (m, target: number) => {
    m.storeU128(target, m.input.refundedCycles);
  }),
  msg_cycles_accept: on(ACCEPTING, (m, most: bigint) => calls.acceptCycles(m, most)),
  msg_cycles_accept128: on(ACCEPTING, (m, high: bigint, low: bigint, target: number) => {
    m.storeU128(target, calls.acceptCycles(m, u128(high, low)));
  }),
  cycles_burn128: on(REPLICATED, (m, high: bigint, low: bigint, target: number) => {
    const burnt = calls.smaller(u128(high, low), m.cycles);
    m.cycles -= burnt;
    m.storeU128(target, burnt);
  }),
  canister_cycle_balance: on(ALL_BUT_START, (m) => narrow(m, m.cycles)),
  canister_cycle_balance128: on(ALL_BUT_START, (m, target: number) => {
    m.storeU128(target, m.cycles);
  }),
  canister_liquid_cycle_balance128: on(ALL_BUT_START, (m, target: number) => {
    m.storeU128(target, m.cycles);
  }),
  cost_call: on(ALL, (m, _nameSize: bigint, _payloadSize: bigint, target: number) => {
    m.storeU128(target, 0n);
  }),

  // Calls to other canisters.
  call_new: on(CALLING, calls.callNew),
  call_on_cleanup: on(CALLING, calls.callOnCleanup),
  call_data_append: on(CALLING, calls.callDataAppend),
  call_with_best_effort_response: on(CALLING, calls.callBestEffort),
  call_cycles_add: on(PAYING, (m, amount: bigint) => calls.callCyclesAdd(m, amount)),
  call_cycles_add128: on(PAYING, (m, high: bigint, low: bigint) => {
    calls.callCyclesAdd(m, u128(high, low));
  }),
  call_perform: on(CALLING, calls.callPerform),

  // The canister and its place.
  canister_self_size: on(ALL_BUT_START, (m) => m.canister.id.toUint8Array().length),
  canister_self_copy: copy(ALL_BUT_START, 'canister_self_copy', (m) =>
    m.canister.id.toUint8Array(),
  ),
  canister_status: on(ALL_BUT_START, (m) => STATUS_NUMBERS[m.canister.status]),
  canister_version: on(ALL_BUT_START, (m) => m.canister.version),
  subnet_self_size: on(ALL_BUT_START, (m) => m.input.subnetId.toUint8Array().length),
  subnet_self_copy: copy(ALL_BUT_START, 'subnet_self_copy', (m) => m.input.subnetId.toUint8Array()),
  is_controller: on(ALL, (m, pointer: number, size: number) => {
    if (size > PRINCIPAL_SIZE_MAX) m.violate(`ic0.is_controller: ${size} bytes are no principal`);
    return isController(m.canister, Principal.fromUint8Array(m.load(pointer, size))) ? 1 : 0;
  }),
  in_replicated_execution: on(ALL, (m) => (m.isReplicated ? 1 : 0)),

  // Environment variables.
  env_var_count: on(ALL_BUT_START, (m) => m.canister.settings.environmentVariables.size),
  env_var_name_size: on(ALL_BUT_START, (m, index: number) => variableName(m, index).length),
  env_var_name_copy: on(
    ALL_BUT_START,
    (m, index: number, target: number, offset: number, size: number) => {
      m.store('ic0.env_var_name_copy', variableName(m, index), target, offset, size);
    },
  ),
  env_var_name_exists: on(ALL_BUT_START, (m, pointer: number, size: number) =>
    m.canister.settings.environmentVariables.has(m.loadText(pointer, size)) ? 1 : 0,
  ),
  env_var_value_size: on(
    ALL_BUT_START,
    (m, pointer: number, size: number) => variableValue(m, pointer, size).length,
  ),
  env_var_value_copy: on(
    ALL_BUT_START,
    (m, name: number, nameSize: number, target: number, offset: number, size: number) => {
      m.store('ic0.env_var_value_copy', variableValue(m, name, nameSize), target, offset, size);
    },
  ),

  // Stable memory, with offsets of 64 bits and, as it was first, of 32 bits.
  stable64_size: on(ALL, (m) => BigInt(m.stable.size)),
  stable64_grow: on(ALL, (m, pages: bigint) => {
    const old = m.stable.grow(Number(pages));
    return old < 0 ? GROW_REFUSED : BigInt(old);
  }),
  stable64_read: on(ALL, (m, target: bigint, offset: bigint, size: bigint) => {
    m.stableRead(Number(target), Number(offset), Number(size));
  }),
  stable64_write: on(ALL, (m, offset: bigint, source: bigint, size: bigint) => {
    m.stableWrite(Number(offset), Number(source), Number(size));
  }),
  stable_size: on(ALL, (m) => narrowStableSize(m)),
  stable_grow: on(ALL, (m, pages: number) =>
    narrowStableSize(m) + pages > NARROW_STABLE_PAGES_MAX ? -1 : m.stable.grow(pages),
  ),
  stable_read: on(ALL, (m, target: number, offset: number, size: number) => {
    narrowStableSize(m);
    m.stableRead(target, offset, size);
  }),
  stable_write: on(ALL, (m, offset: number, source: number, size: number) => {
    narrowStableSize(m);
    m.stableWrite(offset, source, size);
  }),

  // Certified data, the timer, and the rest.
  certified_data_set: on('I G U Ry Rt T', (m, pointer: number, size: number) => {
    if (size > CERTIFIED_DATA_SIZE_MAX) {
      m.violate(`ic0.certified_data_set: ${size} bytes exceed ${CERTIFIED_DATA_SIZE_MAX}`);
    }
    m.certifiedData = m.load(pointer, size);
  }),
  data_certificate_present: on(ALL_BUT_START, () => 0),
  data_certificate_size: on('NRQ CQ', (m) => m.violate('ic0.data_certificate_size: there is none')),
  data_certificate_copy: on('NRQ CQ', (m) => m.violate('ic0.data_certificate_copy: there is none')),
  global_timer_set: on('I G U Ry Rt C T', (m, timestamp: bigint) => {
    const old = m.globalTimer ?? m.canister.code?.globalTimer ?? 0n;
    m.globalTimer = timestamp;
    return old;
  }),
  time: on(ALL_BUT_START, (m) => m.input.time),
  performance_counter: on(ALL, (m, kind: number) => {
    if (kind === 0) return m.counter;
    if (kind === 1) return m.input.contextCounter + m.counter;
    return m.violate(`ic0.performance_counter: there is no counter ${kind}`);
  }),
  debug_print: on(ALL, (m, pointer: number, size: number) => {
    const line = m.load(pointer, size);
    m.logLines.push(line);
    m.input.print(line);
  }),
  trap: on(ALL, (m, pointer: number, size: number) =>
    m.fail(explicitTrap(m.loadText(pointer, size))),
  ),
};

function on(modes: string, run: SystemCall['run']): SystemCall {
  return { modes: new Set(modes.split(' ') as Mode[]), run };
}

/** A function that copies a part of some bytes into the heap. */
function copy(modes: string, name: string, bytes: (message: Message) => Uint8Array): SystemCall {
  return on(modes, (m, target: number, offset: number, size: number) => {
    m.store(`ic0.${name}`, bytes(m), target, offset, size);
  });
}

function u128(high: bigint, low: bigint): bigint {
  return (high << 64n) | low;
}

/** The older functions give amounts in 64 bits and trap where that does not suffice. */
function narrow(message: Message, amount: bigint): bigint {
  if (amount >= 2n ** 64n) message.violate(`an amount of ${amount} cycles exceeds 64 bits`);
  return amount;
}

/** The 32-bit functions trap once the stable memory is larger than 4 GiB. */
function narrowStableSize(message: Message): number {
  if (message.stable.size > NARROW_STABLE_PAGES_MAX) {
    message.violate('32-bit stable memory functions reach no further than 4 GiB');
  }
  return message.stable.size;
}

function rejectMessage(message: Message): Uint8Array {
  return utf8.encode(message.input.rejection?.message ?? '');
}

function variableName(message: Message, index: number): Uint8Array {
  const name = [...message.canister.settings.environmentVariables.keys()][index];
  return utf8.encode(name ?? message.violate(`there is no environment variable ${index}`));
}

function variableValue(message: Message, pointer: number, size: number): Uint8Array {
  const name = message.loadText(pointer, size);
  const value = message.canister.settings.environmentVariables.get(name);
  return utf8.encode(value ?? message.violate(`there is no environment variable '${name}'`));
}
