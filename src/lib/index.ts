/**
 * Stable structures for TypeScript canisters: the public surface, as a list. What is not named
 * here is not for users and may change.
 *
 * @example
 * import { BTreeMap, defaultMemory, MemoryManager, text, u64 } from 'stable-structures';
 *
 * const memory = MemoryManager.init(defaultMemory());
 * const balances = BTreeMap.init(memory.get(0), text, u64);
 * balances.insert('ada', 36n);
 */
export { StableMemoryAllocator } from './allocator.js';
export { FreeBlock, type StablePtr } from './allocator/free-block.js';
export { type AllocatorOptions } from './allocator/options.js';
export { OutOfMemoryError } from './allocator/out-of-memory.js';
export { SSlice } from './allocator/s-slice.js';
export { type HeapReport } from './allocator/verify.js';
export { BStack } from './bstack.js';
export { BStackAllocator, type SavedRange } from './bstack-allocators/allocator.js';
export { BStackBlock } from './bstack-allocators/block.js';
export { CheckedSlabBStackAllocator } from './bstack-allocators/checked-slab.js';
export { DebugCheckingAllocator } from './bstack-allocators/debug-checking.js';
export { FirstFitBStackAllocator } from './bstack-allocators/first-fit.js';
export { GhostTreeBStackAllocator, type GhostTreeOptions } from './bstack-allocators/ghost-tree.js';
export { LinearBStackAllocator } from './bstack-allocators/linear.js';
export { ManualAllocator } from './bstack-allocators/manual.js';
export { SlabBStackAllocator } from './bstack-allocators/slab.js';
export { type StackSpan, type StackWrite } from './bstack/batch.js';
export { type StackEdit } from './bstack/stack-edit.js';
export {
  BTreeMap,
  type LazyEntry,
  type MapIterator,
  type NodeCacheMetrics,
  type Page,
  type Range,
  type ScanRequest,
} from './btree-map.js';
export { BTreeSet } from './btree-set.js';
export { type SeekOrigin } from './bstack/cursor.js';
export { isLegacyStack, migrateStack } from './bstack/legacy.js';
export { BStackRange } from './bstack/range.js';
export { BStackReader } from './bstack/reader.js';
export { BStackSlice } from './bstack/slice.js';
export { BStackSliceWriter } from './bstack/slice-writer.js';
export { concatBytes, equalBytes, readU32, writeU32 } from './bytes.js';
export { compileArguments, type CandidArguments } from './candid/arguments.js';
export { type IdlType } from './candid/type.js';
export { Cell } from './cell.js';
export { decodeHashTree } from './certification/decode-hash-tree.js';
export { encodeHashTree } from './certification/encode-hash-tree.js';
export { reconstruct, type HashTree } from './certification/hash-tree.js';
export { joinTrees, type LabeledTree } from './certification/join-trees.js';
export {
  compareValues,
  compareWhole,
  type Bound,
  type ByteOrder,
  type Codec,
  type EncodedEdge,
  type EncodedRange,
  type KeyCodec,
  type KeyProbe,
  type Prefix,
  type ValueOf,
} from './codec.js';
export {
  blob,
  bool,
  bytes,
  candid,
  date,
  descending,
  enumeration,
  f32,
  f64,
  fixedBytes,
  i128,
  i16,
  i32,
  i64,
  i8,
  int,
  json,
  list,
  nat,
  optional,
  principal,
  principalOf,
  record,
  reserved,
  text,
  tuple,
  u128,
  u16,
  u32,
  u64,
  u8,
  unit,
  type CandidIdl,
  type CandidType,
  type OptionalCodec,
  type OptionalKeyCodec,
  type OptionalNames,
  type RecordFields,
  type RecordOf,
  type ReservedCodec,
  type ReservedNames,
  type TupleOf,
} from './codecs/index.js';
export { defaultMemory } from './default-memory.js';
export { Deque } from './deque.js';
export { StorageError, type StorageErrorCode, type StorageErrorDetails } from './errors.js';
export { Ic0StableMemory } from './ic0-stable-memory.js';
export { JournaledMemory } from './journaled-memory.js';
export { type JournaledMemoryOptions } from './journaled-memory/committed-image.js';
export { type TransactionalMemory } from './journaled-memory/transactional-memory.js';
export { Log } from './log.js';
export {
  BUCKET_COUNT_MAX,
  DEFAULT_BUCKET_SIZE_IN_PAGES,
  MEMORY_COUNT_MAX,
  MemoryManager,
  type MemoryManagerOptions,
  type MemoryUsage,
} from './memory-manager.js';
export { type VirtualMemory } from './memory-manager/virtual-memory.js';
export { MemoryReader, type StreamOptions } from './memory-reader.js';
export { MemoryWriter } from './memory-writer.js';
export { WASM_PAGE_SIZE, type Memory } from './memory.js';
export {
  admissionPolicy,
  decideAdmission,
  isExpired,
  occupancyOf,
  type AdmissionDecision,
  type AdmissionItem,
  type AdmissionOptions,
  type AdmissionPolicy,
  type Load,
  type Occupancy,
  type OverloadAction,
  type Refusal,
  type RefusalReason,
  type Watermark,
} from './messages/admission.js';
export {
  describeBytes,
  describedBy,
  type BufferDescriptor,
  type Describe,
} from './messages/buffer-descriptor.js';
export {
  ConcurrentMessageManager,
  type ConcurrentMessageManagerOptions,
  type Invitation,
  type JoinOptions,
} from './messages/concurrent-message-manager.js';
export { type Clock, type Waiting } from './messages/concurrent/patience.js';
export { MESSAGE_HEADER_SIZE } from './messages/header-bytes.js';
export {
  HeapMessageManager,
  type HeapMessageManagerOptions,
} from './messages/heap-message-manager.js';
export { MemoryClass, type MemoryClassKind } from './messages/memory-class.js';
export { type PayloadType } from './messages/message-bytes.js';
export { MessageFlags } from './messages/message-flags.js';
export {
  EMPTY_HEADER,
  messageHeader,
  rankOf,
  type HeaderFields,
  type MessageHeader,
  type QualityOfService,
} from './messages/message-header.js';
export {
  type HeaderGuard,
  type HeaderStore,
  type MessageManager,
  type ReadGuard,
  type SlotUsage,
  type WriteGuard,
} from './messages/message-manager.js';
export {
  formatToken,
  INVALID_TOKEN,
  messageToken,
  type MessageToken,
} from './messages/message-token.js';
export { Message } from './messages/message.js';
export {
  Outbox,
  type EnqueueOptions,
  type OutboxOptions,
  type OutboxUsage,
} from './messages/outbox.js';
export { type OutboxMemories } from './messages/outbox/letter-book.js';
export { type Attempt, type Letter } from './messages/outbox/letter.js';
export { type PatienceOptions } from './messages/outbox/patience.js';
export { type LetterState } from './messages/outbox/stored-letter.js';
export {
  decidePlacement,
  PlacementAcceptance,
  type PlacementDecision,
} from './messages/placement.js';
export { SharedTokenQueue } from './messages/shared-token-queue.js';
export { type TakeOptions } from './messages/shared-token-queue/ends.js';
export { TokenConsumer } from './messages/shared-token-queue/token-consumer.js';
export { TokenProducer } from './messages/shared-token-queue/token-producer.js';
export {
  StableMessageManager,
  type StableMessageManagerOptions,
  type StableMessageType,
} from './messages/stable-message-manager.js';
export { type Repairs } from './messages/stable/repair.js';
export {
  StaticMessageManager,
  type StaticMessageManagerOptions,
} from './messages/static-message-manager.js';
export {
  receive,
  send,
  type PushAnswer,
  type ReceiveAnswer,
  type SendAnswer,
  type SendOptions,
  type TokenSink,
  type TokenSource,
} from './messages/token-delivery.js';
export { TokenLanes } from './messages/token-lanes.js';
export { TokenQueue, type PoppedToken } from './messages/token-queue.js';
export { type QueuedToken } from './messages/token-queue/cell.js';
export { MinHeap } from './min-heap.js';
export { MultiMap } from './multi-map.js';
export { type KeyRange, type Pair } from './multi-map/key-range.js';
export { type Ownership, type StableStructure } from './ownership/stable-structure.js';
export { type Stable, type StableType } from './ownership/stable-type.js';
export { Principal } from './principal.js';
export { crc32 } from './principal-text.js';
export { RestrictedMemory } from './restricted-memory.js';
export { SBox } from './s-box.js';
export { SLog } from './s-log.js';
export { SRecord } from './s-record.js';
export {
  type PlainOf,
  type PlainRecordOf,
  type StableFields,
  type ViewOf,
} from './s-record/field-slots.js';
export { SVec } from './s-vec.js';
export { type Storage } from './storage.js';
export { SCertifiedBTreeMap } from './s-certified-btree-map.js';
export { SHashMap } from './s-hash-map.js';
export { type WalkDirection } from './s-hash-map/walk.js';
export { SHashSet } from './s-hash-set.js';
export { sha256 } from './sha256.js';
export { SBTreeMap } from './s-btree-map.js';
export { SBTreeSet } from './s-btree-set.js';
export { decodeUtf8, encodeUtf8 } from './utf8.js';
export { UnboundedVec, type UnboundedVecOptions } from './unbounded-vec.js';
export { Vec } from './vec.js';
export { HeapStorage } from './heap-storage.js';
export { MemoryStorage } from './memory-storage.js';
export { type IndexRange } from './index-range.js';
export { VectorMemory } from './vector-memory.js';
