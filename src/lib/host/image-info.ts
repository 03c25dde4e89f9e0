/**
 * What can be said of an image without knowing which program it is of: how large it is, how much of
 * it was ever used, what lies at its start, and where it differs from another.
 *
 * Most structures of this library say in their first three bytes what they are:
 *
 *     MGR    MemoryManager             SDQ    Deque
 *     BTR    BTreeMap, also of a       GLI    Log, its index
 *            set or a MultiMap         GLD    Log, its data
 *     SVC    Vec                       SUI    UnboundedVec, its index
 *     SMH    MinHeap                   SUD    UnboundedVec, its data
 *     SCL    Cell                      SMA    StableMemoryAllocator
 *     BST    BStack, "BSTK"            SFL    MemoryStorage
 *     STQ    TokenQueue                TKS    StableMessageManager
 *
 * Source: `specs/wasm-dbms.md` section 14.3; `magic.ts`.
 */
import { MAGIC_SIZE } from '../magic.js';
import { sizeInBytes, WASM_PAGE_SIZE, type Memory } from '../memory.js';
import { isZero, pagesOf, piecesOf, withImage, type Image } from './image-pieces.js';

const LAYOUTS: Readonly<Record<string, string>> = {
  MGR: 'MemoryManager',
  BTR: 'BTreeMap',
  SVC: 'Vec',
  SMH: 'MinHeap',
  SCL: 'Cell',
  SDQ: 'Deque',
  GLI: 'Log index',
  GLD: 'Log data',
  SUI: 'UnboundedVec index',
  SUD: 'UnboundedVec data',
  SMA: 'StableMemoryAllocator',
  SFL: 'MemoryStorage',
  STQ: 'TokenQueue',
  TKS: 'StableMessageManager',
  BST: 'BStack',
};

const LETTERS = MAGIC_SIZE - 1;

/** What {@link imageInfo} says. */
export interface ImageInfo {
  readonly sizeInPages: number;
  /** Pages that hold anything but zeros: what the image takes on a disk that has holes. */
  readonly nonZeroPages: number;
  /** The structure at the start; `empty` without a page, `unknown` where no other word fits. */
  readonly layout: string;
}

/**
 * Looks through an image: a memory, or the path of a file of whole pages. O(bytes). Throws what
 * {@link FileMemory.open} throws. Whatever the bytes are, it says something.
 *
 * @example
 * imageInfo('balances.image'); // { sizeInPages: 1_281, nonZeroPages: 3, layout: 'MemoryManager' }
 */
export function imageInfo(image: Image): ImageInfo {
  return withImage(image, (memory) => ({
    sizeInPages: memory.size(),
    nonZeroPages: countNonZeroPages(memory),
    layout: layoutOf(memory),
  }));
}

/**
 * Where two images begin to differ, as an offset in bytes; `undefined` where they are the same.
 * Where one only goes on longer, it is the end of the other. O(bytes). Throws as {@link imageInfo}.
 */
export function compareImages(one: Image, other: Image): number | undefined {
  return withImage(one, (a) => withImage(other, (b) => firstDifference(a, b)));
}

/** The name of the structure whose magic a memory begins with. O(1). */
function layoutOf(memory: Memory): string {
  if (memory.size() === 0) return 'empty';
  const magic = new Uint8Array(LETTERS);
  memory.read(0, magic);
  return LAYOUTS[String.fromCharCode(...magic)] ?? 'unknown';
}

function countNonZeroPages(memory: Memory): number {
  let count = 0;
  for (const piece of piecesOf(memory)) {
    for (const { bytes } of pagesOf(piece)) if (!isZero(bytes)) count += 1;
  }
  return count;
}

function firstDifference(one: Memory, other: Memory): number | undefined {
  const shared = Math.min(sizeInBytes(one), sizeInBytes(other));
  const page = new Uint8Array(WASM_PAGE_SIZE);
  for (const piece of piecesOf(one, undefined, shared)) {
    for (const { offset, bytes } of pagesOf(piece)) {
      other.read(offset, page);
      if (Buffer.compare(bytes, page) === 0) continue;
      return offset + bytes.findIndex((byte, index) => byte !== page[index]);
    }
  }
  return one.size() === other.size() ? undefined : shared;
}
