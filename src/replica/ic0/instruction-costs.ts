/**
 * What a system call costs, in instructions; it is taken before the call. Most cost 500. A call
 * that copies bytes costs 1 more for each, and 50 where they leave the canister in a message.
 *
 * The stable memory is cheap to ask for, since the real system answers without leaving the
 * canister's own code; but each page of it that a message dirties costs 1,000, see
 * `MessageExecution.stableWrite`.
 *
 * Source: specs/replica.md section 6.1; the replica's own table of overheads.
 */

/** The arguments of a call, and how many bytes the message has logged before. */
type Cost = (values: readonly (number | bigint)[], loggedSize: number) => number;

const USUAL = 500;
const SENT_BYTE = 50;
const LOG_SIZE_MAX = 4096;

export function instructionCost(
  name: string,
  values: readonly (number | bigint)[],
  loggedSize: number,
): number {
  return COSTS.get(name)?.(values, loggedSize) ?? USUAL;
}

function fixed(cost: number): Cost {
  return () => cost;
}

/** A call that copies bytes; the argument at this position says how many. */
function moving(position: number, base = USUAL): Cost {
  return (values) => base + Number(values[position]);
}

function sending(position: number): Cost {
  return (values) => USUAL + SENT_BYTE * Number(values[position]);
}

/** A text is copied, moved twice within the log, and sent as far as the log has room for it. */
function logging(base: number): Cost {
  return (values, loggedSize) => {
    const size = Number(values[1]);
    const room = Math.max(0, LOG_SIZE_MAX - loggedSize);
    return base + size + 2 * Math.min(size, LOG_SIZE_MAX) + SENT_BYTE * Math.min(size, room);
  };
}

const COSTS: ReadonlyMap<string, Cost> = new Map([
  ['msg_arg_data_copy', moving(2)],
  ['msg_caller_copy', moving(2)],
  ['msg_caller_info_data_copy', moving(2)],
  ['msg_caller_info_signer_copy', moving(2)],
  ['msg_reject_msg_copy', moving(2)],
  ['msg_method_name_copy', moving(2)],
  ['msg_reply_data_append', sending(1)],
  ['msg_reject', sending(1)],

  ['call_new', (values) => 1500 + Number(values[1]) + Number(values[3])],
  ['call_data_append', sending(1)],
  ['call_perform', fixed(5000)],

  ['canister_self_copy', moving(2)],
  ['subnet_self_copy', moving(2)],
  ['root_key_copy', moving(2)],
  ['is_controller', moving(1, 1000)],
  ['env_var_name_copy', moving(3)],
  ['env_var_value_copy', moving(4)],
  ['certified_data_set', moving(1)],
  ['data_certificate_copy', moving(2)],
  ['cost_sign_with_ecdsa', moving(1)],
  ['cost_sign_with_schnorr', moving(1)],
  ['cost_vetkd_derive_key', moving(1)],

  ['stable_size', fixed(0)],
  ['stable64_size', fixed(0)],
  ['stable_grow', fixed(100)],
  ['stable64_grow', fixed(100)],
  ['stable_read', moving(2, 20)],
  ['stable64_read', moving(2, 20)],
  ['stable_write', moving(2, 20)],
  ['stable64_write', moving(2, 20)],

  ['performance_counter', fixed(200)],
  ['debug_print', logging(100)],
  ['trap', logging(USUAL)],
]);
