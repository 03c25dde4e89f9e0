/**
 * What the library can do where there are files: the surface of `stable-structures/host`, as a
 * list. Node alone has it; a canister never imports it, and `src/lib` does not either.
 *
 * @example
 * import { BTreeMap, MemoryManager, text, u64 } from 'stable-structures';
 * import { FileMemory } from 'stable-structures/host';
 *
 * const memory = MemoryManager.init(FileMemory.open('image.bin'));
 * const balances = BTreeMap.init(memory.get(0), text, u64);
 */
export { FileMemory, type FileMemoryOptions } from './file-memory.js';
export { openFileStack, type FileStackOptions } from './file-stack.js';
export { FileStorage, type FileMode, type FileOptions } from './file-storage.js';
export { exportImage, importImage, type ExportOptions, type ImportOptions } from './image.js';
export { compareImages, imageInfo, type ImageInfo } from './image-info.js';
export { type Image, type OnProgress } from './image-pieces.js';
export { JournaledFileMemory, type JournaledFileMemoryOptions } from './journaled-file-memory.js';
