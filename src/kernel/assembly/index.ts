/**
 * The kernel: what stands between the Azle module and the system. Each export has the name and the
 * type of the `ic0` function in front of which the link step puts it, and passes every call
 * through that is not for the kernel. README.md tells the whole story.
 */
import { pendingRequest, register } from './frame';
import { guardedGrow, guardedWrite } from './guard';
import * as ic0 from './ic0';
import { perform, performForText, performOnBytes, performOnText } from './operations';
import { isReplyWaiting, replySize, takeReply } from './reply';

/** The door for bytes: `_azleIc.certifiedDataSet(bytes)` passes where the bytes themselves lie. */
export function certified_data_set(source: usize, length: usize): void {
  const request = pendingRequest();
  if (request != 0) performOnBytes(request, source, length);
  else if (!register(source, length)) ic0.certified_data_set(source, length);
}

/** The door for text: `_azleIc.debugPrint(text)` passes it in UTF-8. */
export function debug_print(source: usize, length: usize): void {
  const request = pendingRequest();
  if (request != 0) performOnText(request, source, length);
  else ic0.debug_print(source, length);
}

/** The door for nothing: `_azleIc.inReplicatedExecution()` is the cheapest call that there is. */
export function in_replicated_execution(): i32 {
  const request = pendingRequest();
  if (request == 0) return ic0.in_replicated_execution();
  perform(request);
  return 0;
}

/** The way back for text: `_azleIc.msgMethodName()` asks for the size, then for the bytes. */
export function msg_method_name_size(): usize {
  const request = pendingRequest();
  if (request != 0) performForText(request);
  return isReplyWaiting() ? replySize() : ic0.msg_method_name_size();
}

export function msg_method_name_copy(target: usize, offset: usize, length: usize): void {
  if (isReplyWaiting()) takeReply(target, offset, length);
  else ic0.msg_method_name_copy(target, offset, length);
}

/** The way back for bytes: `_azleIc.msgArgData()` asks for the size, then for the bytes. */
export function msg_arg_data_size(): usize {
  return isReplyWaiting() ? replySize() : ic0.msg_arg_data_size();
}

export function msg_arg_data_copy(target: usize, offset: usize, length: usize): void {
  if (isReplyWaiting()) takeReply(target, offset, length);
  else ic0.msg_arg_data_copy(target, offset, length);
}

/** Azle's own writing and growing, behind the guard of page 0. */
export function stable64_write(offset: u64, source: u64, length: u64): void {
  guardedWrite(offset, source, length);
}

export function stable64_grow(pages: u64): i64 {
  return guardedGrow(pages);
}
