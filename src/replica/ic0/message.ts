/**
 * The message that the canister works on: its argument and its caller, its answer, and, before all
 * that, whether it is let in.
 *
 * Source: IC interface specification, "Method arguments", "Responding" and "Ingress message
 * inspection".
 */
import { joinBytes } from '../bytes.js';
import type { MessageExecution as Message } from '../message-execution.js';
import { canisterReject } from '../rejection.js';
import { ANY, blob, on, type SystemCalls } from './system-call.js';

const WITH_ARGUMENT = 'I U RQ NRQ TQ CQ Ry CRy F';
const WITH_CALLER_INFO = 'U RQ NRQ CQ Ry Rt CRy CRt C CC F';
const ANSWERING = 'U RQ NRQ TQ CQ Ry Rt CRy CRt';

const NO_BYTES = new Uint8Array(0);
const utf8 = new TextEncoder();

export const MESSAGE_CALLS: SystemCalls = {
  ...blob('msg_arg_data', WITH_ARGUMENT, (m) => m.input.argument),
  ...blob('msg_caller', ANY, (m) => m.input.caller.toUint8Array()),
  ...blob('msg_caller_info_data', WITH_CALLER_INFO, (m) => m.input.callerInfo?.data ?? NO_BYTES),
  ...blob(
    'msg_caller_info_signer',
    WITH_CALLER_INFO,
    (m) => m.input.callerInfo?.signer.toUint8Array() ?? NO_BYTES,
  ),
  msg_reject_code: on('() -> i32', 'Ry Rt CRy CRt C', (m) => m.input.rejection?.rejectCode ?? 0),
  ...blob('msg_reject_msg', 'Rt CRt', (m) => utf8.encode(m.input.rejection?.message ?? '')),
  msg_deadline: on('() -> i64', ANSWERING, (m) => m.input.deadline),

  msg_reply_data_append: on('(I I) -> ()', ANSWERING, appendReply),
  msg_reply: on('() -> ()', ANSWERING, reply),
  msg_reject: on('(I I) -> ()', ANSWERING, reject),

  ...blob('msg_method_name', 'F', (m) => utf8.encode(m.input.method)),
  accept_message: on('() -> ()', 'F', (m) => {
    if (m.accepted) m.violate('ic0.accept_message: the function was already called');
    m.accepted = true;
  }),
};

function appendReply(m: Message, pointer: number, size: number): void {
  m.assertUnanswered('msg_reply_data_append');
  const total = m.replySize + size;
  m.assertPayload('msg_reply_data_append', total, m.payloadSizeMax);
  m.replyPieces.push(m.load(pointer, size));
  m.replySize = total;
}

function reply(m: Message): void {
  m.assertUnanswered('msg_reply');
  m.response = { kind: 'reply', data: joinBytes(m.replyPieces) };
}

/** The text of a rejection by the canister reaches the caller as it is. */
function reject(m: Message, pointer: number, size: number): void {
  m.assertUnanswered('msg_reject');
  m.assertPayload('msg_reject', size, m.payloadSizeMax);
  m.response = canisterReject(m.loadText('ic0.msg_reject', pointer, size));
}
