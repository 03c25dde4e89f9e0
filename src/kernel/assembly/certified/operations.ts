/**
 * What the kernel does on certified maps, each operation whole. None needs a door. The argument
 * says what lies in the staging area, and operands say which map it is about:
 *
 *     BITS    FIELD                                       OPERAND  FIELD
 *      0-17   length of the key                                 0  address of the header block
 *     18-35   length of the value, which lies behind it         1  serial number of the map
 *     36-41   handle of the heap                                2  where the key begins; plus 2^20
 *                                                                  where no old value is wanted
 *
 *     CODE  OPERATION    RESULT
 *       81  get          length of the value, which is in the staging area
 *       82  contains     0
 *       83  insert       length of the old value, which is in the staging area if it is wanted
 *       84  remove       the same
 *       85  commit       32; the root hash is the next reply
 *       86  witness      its length; it is the next reply
 *       87  insert many  see `many.ts`
 *       88  remove many  see `many.ts`
 *
 * Other results:
 *
 *       -1  there is no such key; of an insert: there was none, now there is
 *       -2  to be done in JavaScript: nothing has changed
 *       -3  the heap has no block for the entry, and nothing has changed: make sure that it has one
 *           and ask again
 *
 * Source: `src/lib/s-certified-btree-map/kernel-map.ts` is the other side.
 */
import { operandOf, stagingLength, stagingStart } from '../frame';
import { allocate as allocateBlock, deallocate } from '../heap/blocks';
import { openHeapOf } from '../heap/open-heap';
import { replyWith } from '../reply';
import { HASH_SIZE } from '../sha256/hash';
import { openScratch } from '../workspace';
import { add, beginChanges, hasRoom, overwrite, replace, takeOut } from './change';
import { commitMap } from './commit';
import { entryValueSize, KEY_OFFSET, readValue } from './entry-block';
import { beginMap, heap, isCommitted, rootHash, saveMap } from './map';
import { insertMany, removeMany } from './many';
import { FAILED, locate, SAME } from './search';
import { witnessSizeMax, writeWitness } from './witness';

const GET: u32 = 81;
const CONTAINS: u32 = 82;
const INSERT: u32 = 83;
const REMOVE: u32 = 84;
const COMMIT: u32 = 85;
const WITNESS: u32 = 86;
const INSERT_MANY: u32 = 87;
const REMOVE_MANY: u32 = 88;

const LENGTH_BITS: u64 = 18;
const LENGTH_MASK: u64 = (1 << LENGTH_BITS) - 1;

const WITHOUT_OLD: usize = 1 << 20;

const ABSENT: f64 = -1;
const FALL_BACK: f64 = -2;
const NO_BLOCK: f64 = -3;

/** Whether an operation is one of these. */
export function isOnCertified(operation: u32): bool {
  return operation >= GET && operation <= REMOVE_MANY;
}

/** Carries out an operation; returns its result. */
export function performOnCertified(operation: u32, argument: u64): f64 {
  const keySize = <usize>(argument & LENGTH_MASK);
  const valueSize = <usize>((argument >> LENGTH_BITS) & LENGTH_MASK);
  const wanted = <usize>operandOf(2);
  const start = wanted & (WITHOUT_OLD - 1);
  if (start + keySize + valueSize > stagingLength()) unreachable();
  const target = openHeapOf(<u32>(argument >> (2 * LENGTH_BITS)));
  if (!openScratch() || !beginChanges()) return FALL_BACK;
  if (!beginMap(target, <u64>operandOf(0), <u64>operandOf(1))) return FALL_BACK;
  const key = stagingStart() + start;
  const wantsOld = (wanted & WITHOUT_OLD) == 0;
  switch (operation) {
    case GET:
      return get(key, keySize);
    case CONTAINS:
      return contains(key, keySize);
    case INSERT:
      return insert(key, keySize, valueSize, wantsOld);
    case REMOVE:
      return remove(key, keySize, wantsOld);
    case COMMIT:
      return commit();
    case WITNESS:
      return witness(key, keySize);
    case INSERT_MANY:
      return insertMany(key, keySize);
    case REMOVE_MANY:
      return removeMany(key, keySize);
    default:
      return unreachable();
  }
}

function get(key: usize, keySize: usize): f64 {
  const position = locate(key, keySize);
  if (position == FAILED) return FALL_BACK;
  if (position != SAME) return ABSENT;
  return isRead(stagingStart()) ? <f64>entryValueSize : FALL_BACK;
}

function contains(key: usize, keySize: usize): f64 {
  const position = locate(key, keySize);
  if (position == FAILED) return FALL_BACK;
  return position == SAME ? 0 : ABSENT;
}

function insert(key: usize, keySize: usize, valueSize: usize, wantsOld: bool): f64 {
  const position = locate(key, keySize);
  if (position == FAILED) return FALL_BACK;
  const oldSize = entryValueSize;
  // The old value is replied at last: until then the new one is still needed in its place.
  const reply = key + keySize + valueSize;
  const isReplied = wantsOld && position == SAME;
  if (isReplied && !isRead(reply)) return FALL_BACK;
  const result = put(position, key, keySize, valueSize);
  if (result != 0) return result;
  saveMap();
  if (position != SAME) return ABSENT;
  if (isReplied) memory.copy(stagingStart(), reply, oldSize);
  return <f64>oldSize;
}

/** Puts an entry at the place that was located: 0; or what keeps it from there. */
export function put(position: i64, key: usize, keySize: usize, valueSize: usize): f64 {
  if (hasRoom(position, keySize + valueSize)) {
    return overwrite(key, keySize, valueSize) ? 0 : FALL_BACK;
  }
  const block = allocateBlock(heap, KEY_OFFSET + keySize + valueSize);
  if (block == 0) return NO_BLOCK;
  if (position != SAME) add(position, block, key, keySize, valueSize);
  else if (!replace(block, key, keySize, valueSize)) {
    deallocate(heap, block);
    return FALL_BACK;
  }
  return 0;
}

function remove(key: usize, keySize: usize, wantsOld: bool): f64 {
  const position = locate(key, keySize);
  if (position == FAILED) return FALL_BACK;
  if (position != SAME) return ABSENT;
  const oldSize = entryValueSize;
  if (wantsOld && !isRead(stagingStart())) return FALL_BACK;
  if (!takeOut()) return FALL_BACK;
  saveMap();
  return <f64>oldSize;
}

function commit(): f64 {
  if (!commitMap()) return FALL_BACK;
  replyWith(rootHash(), HASH_SIZE);
  return <f64>HASH_SIZE;
}

function witness(key: usize, keySize: usize): f64 {
  if (!isCommitted() || locate(key, keySize) != SAME) return FALL_BACK;
  if (witnessSizeMax() > stagingLength()) return FALL_BACK;
  const target = stagingStart();
  const end = writeWitness(target);
  if (end == 0) return FALL_BACK;
  replyWith(target, end - target);
  return <f64>(end - target);
}

/** Reads the value of the entry that was located to a place in the staging area. */
function isRead(target: usize): bool {
  const room = stagingStart() + stagingLength() - target;
  return entryValueSize <= room && readValue(target);
}
