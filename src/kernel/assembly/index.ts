/**
 * The kernel: what stands between the Azle module and the system. Each export has the name and the
 * type of the `ic0` function in front of which the link step puts it, and passes every call
 * through that is not for the kernel. README.md tells the whole story.
 */
import { pendingRequest, register } from './frame';
import { guardedGrow, guardedWrite } from './guard';
import * as ic0 from './ic0';
import { perform, performOnBytes, performOnText } from './operations';
import { replyCopy, replySize } from './reply';

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

/** With {@link msg_method_name_copy} the way back for text: `_azleIc.msgMethodName()`. */
export function msg_method_name_size(): usize {
  return replySize();
}

export function msg_method_name_copy(target: usize, offset: usize, length: usize): void {
  replyCopy(target, offset, length);
}

export function stable64_write(offset: u64, source: u64, length: u64): void {
  guardedWrite(offset, source, length);
}

export function stable64_grow(pages: u64): i64 {
  return guardedGrow(pages);
}
