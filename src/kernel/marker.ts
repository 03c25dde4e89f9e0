/**
 * Tells the JavaScript of a canister that it is linked. The bundle lies in the Wasm as plain UTF-8,
 * and the client's source holds the text `KERNEL_STATE`; its last word is overwritten in place, by
 * one of the same length, wherever the text stands. So the client knows without a call, which in
 * an unlinked canister would trap.
 */
import { KERNEL_PRESENT, KERNEL_STATE } from '../lib/kernel-client.js';
import { LinkError } from './link-error.js';

const MISSING = Buffer.from(KERNEL_STATE);
const PRESENT = Buffer.from(KERNEL_STATE.slice(0, -KERNEL_PRESENT.length) + KERNEL_PRESENT);

/**
 * A copy of the module that says that it is linked. Throws `LinkError` where it already says so,
 * and where the text is not in it at all: then the library is not in the canister.
 */
export function markAsLinked(wasm: Uint8Array): Uint8Array {
  const marked = Buffer.from(wasm);
  if (marked.includes(PRESENT)) {
    throw new LinkError('the Wasm is linked already. Link what "azle build" has made.');
  }
  let at = marked.indexOf(MISSING);
  if (at < 0) {
    throw new LinkError(
      'the canister does not use "stable-structures", so there is nothing to link. ' +
        'Build it with "azle build", or import a memory from "stable-structures" first.',
    );
  }
  for (; at >= 0; at = marked.indexOf(MISSING, at + MISSING.length)) PRESENT.copy(marked, at);
  return marked;
}
