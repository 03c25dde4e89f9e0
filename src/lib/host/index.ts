/**
 * What the library can do where there are files: the surface of `stable-structures/host`, as a
 * list. Node alone has it; a canister never imports it, and `src/lib` does not either.
 *
 * @example
 * import { BTreeMap, MemoryManager, text, u64 } from 'stable-structures';
 * import { FileStorage } from 'stable-structures/host';
 */
export { FileStorage, type FileMode, type FileOptions } from './file-storage.js';
