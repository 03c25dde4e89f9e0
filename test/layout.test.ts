/**
 * Every layout table in a comment says what the code does: the tables are parsed from the sources
 * and compared with the offsets that the modules export. And the offsets themselves are frozen
 * here: a change is a release decision, with a line in the CHANGELOG.
 *
 * Source: house style rules 1 and 8.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { BLOCK_LAYOUT } from '../src/lib/allocator/free-block.js';
import { FREE_NODE_LAYOUT } from '../src/lib/allocator/free-tree.js';
import { ALLOCATOR_HEADER_LAYOUT } from '../src/lib/allocator/header.js';
import { ROOT_LAYOUT } from '../src/lib/allocator/root-directory.js';
import { BSTACK_LAYOUT } from '../src/lib/bstack/header.js';
import { JOURNAL_LAYOUT } from '../src/lib/bstack/journal.js';
import { BATCH_LAYOUT } from '../src/lib/btree-map/batch.js';
import { SEAT_LAYOUT } from '../src/lib/btree-map/kernel-seat.js';
import { LOOKUP_LAYOUT } from '../src/lib/btree-map/lookup.js';
import { FIRST_FIT_BLOCK_LAYOUT } from '../src/lib/bstack-allocators/first-fit/blocks.js';
import { FIRST_FIT_LINKS_LAYOUT } from '../src/lib/bstack-allocators/first-fit/free-list.js';
import { FIRST_FIT_HEADER_LAYOUT } from '../src/lib/bstack-allocators/first-fit/header.js';
import { GHOST_TREE_HEADER_LAYOUT } from '../src/lib/bstack-allocators/ghost-tree/header.js';
import { GHOST_TREE_NODE_LAYOUT } from '../src/lib/bstack-allocators/ghost-tree/node.js';
import { ARENA_MAGIC_LAYOUT } from '../src/lib/bstack-allocators/magic.js';
import { CHECKED_BLOCK_LAYOUT } from '../src/lib/bstack-allocators/checked-slab/tag.js';
import { SLAB_LAYOUT } from '../src/lib/bstack-allocators/slab/header.js';
import { LEGACY_BSTACK_LAYOUT } from '../src/lib/bstack/legacy.js';
import { BSTACK_RANGE_LAYOUT } from '../src/lib/bstack/range.js';
import { BTREE_MAP_LAYOUT } from '../src/lib/btree-map/header.js';
import { ALLOCATOR_LAYOUT } from '../src/lib/btree-map/chunk-allocator.js';
import { NODE_LAYOUT } from '../src/lib/btree-map/node-layout.js';
import { NODE_V1_LAYOUT } from '../src/lib/btree-map/node-v1.js';
import { OVERFLOW_LAYOUT } from '../src/lib/btree-map/overflow.js';
import { CELL_LAYOUT } from '../src/lib/cell.js';
import { DEQUE_LAYOUT } from '../src/lib/deque/ring.js';
import { GENERATION_LAYOUT } from '../src/lib/journaled-memory/generation.js';
import { RECORD_LAYOUT } from '../src/lib/journaled-memory/record.js';
import { CONCURRENT_LAYOUT } from '../src/lib/messages/concurrent/layout.js';
import { LOG_DATA_LAYOUT } from '../src/lib/log/log-data.js';
import { LOG_INDEX_LAYOUT } from '../src/lib/log/log-index.js';
import { MEMORY_STORAGE_LAYOUT } from '../src/lib/memory-storage.js';
import { SHARED_TOKEN_QUEUE_LAYOUT } from '../src/lib/messages/shared-token-queue/layout.js';
import { TOKEN_CELL_LAYOUT } from '../src/lib/messages/token-queue/cell.js';
import { TOKEN_QUEUE_LAYOUT } from '../src/lib/messages/token-queue/ring.js';
import { MEMORY_MANAGER_LAYOUT } from '../src/lib/memory-manager.js';
import { MESSAGE_HEADER_LAYOUT } from '../src/lib/messages/header-bytes.js';
import { MESSAGE_SLOT_LAYOUT } from '../src/lib/messages/stable/slot-area.js';
import { MESSAGE_STORE_LAYOUT } from '../src/lib/messages/stable/store-header.js';
import { STORED_LETTER_LAYOUT } from '../src/lib/messages/outbox/stored-letter.js';
import { BOX_LAYOUT } from '../src/lib/ownership/boxed.js';
import { STRUCTURE_LAYOUT } from '../src/lib/ownership/stable-structure.js';
import { SLOTTED_LAYOUT } from '../src/lib/ownership/slotted-structure.js';
import { S_BOX_LAYOUT } from '../src/lib/s-box.js';
import { S_LOG_LAYOUT } from '../src/lib/s-log.js';
import { SECTOR_LAYOUT } from '../src/lib/s-log/sectors.js';
import { S_RECORD_LAYOUT } from '../src/lib/s-record.js';
import { S_VEC_LAYOUT } from '../src/lib/s-vec/fields.js';
import { S_CERTIFIED_BTREE_MAP_LAYOUT } from '../src/lib/s-certified-btree-map/certified-queries.js';
import { ENTRY_BLOCK_LAYOUT } from '../src/lib/s-certified-btree-map/entry-block.js';
import { HASH_MAP_LAYOUT } from '../src/lib/s-hash-map/header.js';
import { S_BTREE_MAP_LAYOUT } from '../src/lib/s-btree-map/map-header.js';
import { ELEMENT_STORE_LAYOUT } from '../src/lib/unbounded-vec/element-store.js';
import { PLACE_LAYOUT } from '../src/lib/unbounded-vec/place.js';
import { BASE_VEC_LAYOUT } from '../src/lib/vec/base-vec.js';
import { BOUND_LAYOUT } from '../src/lib/vec/stored-bound.js';

/** The offsets of the n-th table of a source file, in order. */
function tableOf(file: string, number = 0): number[] {
  const source = readFileSync(new URL(`../src/lib/${file}`, import.meta.url), 'utf8');
  const table = source.split(/^ \* +OFFSET +SIZE +FIELD$/m)[number + 1];
  if (table === undefined) throw new Error(`${file} has no layout table ${number}`);
  const rows = table.split('\n').slice(1);
  const end = rows.findIndex((row) => !/^ \* {3,}\S/.test(row));
  return rows
    .slice(0, end)
    .map((row) => /^ \* +(\d+) {2,}/.exec(row)?.[1])
    .filter((offset) => offset !== undefined)
    .map(Number);
}

/** Offsets of the parts that a table shows and the code needs no name for. */
test.each([
  ['allocator/header.ts', 0, Object.values(ALLOCATOR_HEADER_LAYOUT), [3]],
  ['allocator/free-block.ts', 0, Object.values(BLOCK_LAYOUT), []],
  ['allocator/free-tree.ts', 0, Object.values(FREE_NODE_LAYOUT), []],
  ['allocator/root-directory.ts', 0, Object.values(ROOT_LAYOUT.entry), []],
  ['allocator/root-directory.ts', 1, Object.values(ROOT_LAYOUT.block), []],
  ['ownership/boxed.ts', 0, Object.values(BOX_LAYOUT), []],
  ['ownership/stable-structure.ts', 0, Object.values(STRUCTURE_LAYOUT), []],
  ['bstack/header.ts', 0, Object.values(BSTACK_LAYOUT), []],
  ['bstack/journal.ts', 0, Object.values(JOURNAL_LAYOUT.repeat), []],
  ['bstack/journal.ts', 1, Object.values(JOURNAL_LAYOUT.copy), []],
  ['bstack/journal.ts', 2, Object.values(JOURNAL_LAYOUT.block), []],
  ['memory-manager.ts', 0, Object.values(MEMORY_MANAGER_LAYOUT), [3, 34_848]],
  ['bstack-allocators/first-fit/header.ts', 0, Object.values(FIRST_FIT_HEADER_LAYOUT), []],
  ['bstack-allocators/first-fit/blocks.ts', 0, Object.values(FIRST_FIT_BLOCK_LAYOUT), []],
  ['bstack-allocators/first-fit/free-list.ts', 0, Object.values(FIRST_FIT_LINKS_LAYOUT), []],
  ['bstack-allocators/ghost-tree/header.ts', 0, Object.values(GHOST_TREE_HEADER_LAYOUT), []],
  ['bstack-allocators/ghost-tree/node.ts', 0, Object.values(GHOST_TREE_NODE_LAYOUT), []],
  ['bstack-allocators/magic.ts', 0, Object.values(ARENA_MAGIC_LAYOUT), []],
  ['bstack-allocators/checked-slab/tag.ts', 0, Object.values(CHECKED_BLOCK_LAYOUT), []],
  ['bstack-allocators/slab/header.ts', 0, Object.values(SLAB_LAYOUT), []],
  ['bstack/legacy.ts', 0, Object.values(LEGACY_BSTACK_LAYOUT), []],
  ['bstack/range.ts', 0, Object.values(BSTACK_RANGE_LAYOUT), []],
  ['messages/header-bytes.ts', 0, Object.values(MESSAGE_HEADER_LAYOUT), []],
  ['messages/stable/slot-area.ts', 0, Object.values(MESSAGE_SLOT_LAYOUT), []],
  ['messages/stable/store-header.ts', 0, Object.values(MESSAGE_STORE_LAYOUT), [3]],
  ['memory-storage.ts', 0, Object.values(MEMORY_STORAGE_LAYOUT), [3]],
  ['btree-map/batch.ts', 0, Object.values(BATCH_LAYOUT), []],
  ['btree-map/kernel-seat.ts', 0, Object.values(SEAT_LAYOUT), []],
  ['btree-map/lookup.ts', 0, Object.values(LOOKUP_LAYOUT), []],
  ['btree-map/header.ts', 0, Object.values(BTREE_MAP_LAYOUT), [3]],
  ['btree-map/chunk-allocator.ts', 0, Object.values(ALLOCATOR_LAYOUT.header), [3]],
  ['btree-map/chunk-allocator.ts', 1, Object.values(ALLOCATOR_LAYOUT.chunk), [3, 5]],
  ['btree-map/node-layout.ts', 0, Object.values(NODE_LAYOUT), [3]],
  ['btree-map/node-v1.ts', 0, Object.values(NODE_V1_LAYOUT), [3]],
  ['btree-map/overflow.ts', 0, Object.values(OVERFLOW_LAYOUT), []],
  ['cell.ts', 0, Object.values(CELL_LAYOUT), [3]],
  ['journaled-memory/generation.ts', 0, Object.values(GENERATION_LAYOUT), [3]],
  ['journaled-memory/record.ts', 0, Object.values(RECORD_LAYOUT.record), []],
  ['journaled-memory/record.ts', 1, Object.values(RECORD_LAYOUT.range), []],
  ['log/log-index.ts', 0, Object.values(LOG_INDEX_LAYOUT), [3]],
  ['log/log-data.ts', 0, Object.values(LOG_DATA_LAYOUT), [3]],
  ['vec/base-vec.ts', 0, Object.values(BASE_VEC_LAYOUT), [3]],
  ['vec/stored-bound.ts', 0, Object.values(BOUND_LAYOUT), []],
  ['deque/ring.ts', 0, Object.values(DEQUE_LAYOUT), [3]],
  ['messages/shared-token-queue/layout.ts', 0, Object.values(SHARED_TOKEN_QUEUE_LAYOUT.header), []],
  ['messages/shared-token-queue/layout.ts', 1, Object.values(SHARED_TOKEN_QUEUE_LAYOUT.cell), []],
  ['messages/token-queue/cell.ts', 0, Object.values(TOKEN_CELL_LAYOUT), []],
  ['messages/token-queue/ring.ts', 0, Object.values(TOKEN_QUEUE_LAYOUT), [3]],
  ['messages/outbox/stored-letter.ts', 0, Object.values(STORED_LETTER_LAYOUT), []],
  ['ownership/slotted-structure.ts', 0, Object.values(SLOTTED_LAYOUT), []],
  ['s-box.ts', 0, Object.values(S_BOX_LAYOUT), []],
  ['s-hash-map/header.ts', 0, Object.values(HASH_MAP_LAYOUT), []],
  ['s-log.ts', 0, Object.values(S_LOG_LAYOUT), []],
  ['s-log/sectors.ts', 0, Object.values(SECTOR_LAYOUT), []],
  ['s-record.ts', 0, Object.values(S_RECORD_LAYOUT), []],
  ['s-vec/fields.ts', 0, Object.values(S_VEC_LAYOUT), []],
  ['s-certified-btree-map.ts', 0, Object.values(S_CERTIFIED_BTREE_MAP_LAYOUT), [0]],
  ['s-certified-btree-map/entry-block.ts', 0, Object.values(ENTRY_BLOCK_LAYOUT), []],
  ['s-btree-map/map-header.ts', 0, Object.values(S_BTREE_MAP_LAYOUT), []],
  ['messages/concurrent/layout.ts', 0, Object.values(CONCURRENT_LAYOUT.header), []],
  ['messages/concurrent/layout.ts', 1, Object.values(CONCURRENT_LAYOUT.slot), []],
  ['unbounded-vec/place.ts', 0, Object.values(PLACE_LAYOUT), []],
  ['unbounded-vec/element-store.ts', 0, Object.values(ELEMENT_STORE_LAYOUT.header), [3]],
  ['unbounded-vec/element-store.ts', 1, Object.values(ELEMENT_STORE_LAYOUT.payload), []],
])('table %s #%i is what the code does', (file, number, offsets, unnamed) => {
  const expected = [...offsets, ...unnamed].sort((a, b) => a - b);
  expect(tableOf(file, number)).toEqual(expected);
});

test('the layouts are frozen', () => {
  expect({
    MEMORY_MANAGER_LAYOUT,
    MEMORY_STORAGE_LAYOUT,
    MESSAGE_HEADER_LAYOUT,
    MESSAGE_SLOT_LAYOUT,
    MESSAGE_STORE_LAYOUT,
    FIRST_FIT_HEADER_LAYOUT,
    FIRST_FIT_BLOCK_LAYOUT,
    FIRST_FIT_LINKS_LAYOUT,
    CHECKED_BLOCK_LAYOUT,
    SLAB_LAYOUT,
    ARENA_MAGIC_LAYOUT,
    GHOST_TREE_HEADER_LAYOUT,
    GHOST_TREE_NODE_LAYOUT,
    BSTACK_RANGE_LAYOUT,
    LEGACY_BSTACK_LAYOUT,
    BSTACK_LAYOUT,
    JOURNAL_LAYOUT,
    BTREE_MAP_LAYOUT,
    ALLOCATOR_LAYOUT,
    NODE_LAYOUT,
    NODE_V1_LAYOUT,
    OVERFLOW_LAYOUT,
    CELL_LAYOUT,
    GENERATION_LAYOUT,
    RECORD_LAYOUT,
    LOG_INDEX_LAYOUT,
    LOG_DATA_LAYOUT,
    CONCURRENT_LAYOUT,
    BASE_VEC_LAYOUT,
    BOUND_LAYOUT,
    DEQUE_LAYOUT,
    STORED_LETTER_LAYOUT,
    TOKEN_QUEUE_LAYOUT,
    TOKEN_CELL_LAYOUT,
    SHARED_TOKEN_QUEUE_LAYOUT,
    S_BOX_LAYOUT,
    S_LOG_LAYOUT,
    SECTOR_LAYOUT,
    S_RECORD_LAYOUT,
    S_VEC_LAYOUT,
    S_BTREE_MAP_LAYOUT,
    HASH_MAP_LAYOUT,
    S_CERTIFIED_BTREE_MAP_LAYOUT,
    ENTRY_BLOCK_LAYOUT,
    PLACE_LAYOUT,
    ELEMENT_STORE_LAYOUT,
    ALLOCATOR_HEADER_LAYOUT,
    BLOCK_LAYOUT,
    FREE_NODE_LAYOUT,
    ROOT_LAYOUT,
    BOX_LAYOUT,
    STRUCTURE_LAYOUT,
  }).toMatchInlineSnapshot(`
   {
     "ALLOCATOR_HEADER_LAYOUT": {
       "end": 32,
       "freeRoot": 48,
       "freeSize": 40,
       "hashKey": 16,
       "magic": 0,
       "maxPages": 8,
       "nextSerial": 56,
       "reserved": 64,
       "rootCount": 4,
       "roots": 128,
     },
     "ALLOCATOR_LAYOUT": {
       "chunk": {
         "allocated": 4,
         "magic": 0,
         "next": 8,
         "payload": 16,
       },
       "header": {
         "allocatedCount": 16,
         "freeHead": 24,
         "magic": 0,
         "padding": 4,
         "payloadSize": 8,
         "reserved": 32,
       },
     },
     "ARENA_MAGIC_LAYOUT": {
       "letters": 0,
       "patch": 6,
       "reserved": 7,
       "version": 4,
     },
     "BASE_VEC_LAYOUT": {
       "bound": 12,
       "length": 4,
       "magic": 0,
       "reserved": 17,
       "slots": 64,
     },
     "BLOCK_LAYOUT": {
       "frontTag": 0,
       "payload": 8,
     },
     "BOUND_LAYOUT": {
       "isFixed": 4,
       "sizeMax": 0,
     },
     "BOX_LAYOUT": {
       "value": 4,
       "valueSize": 0,
     },
     "BSTACK_LAYOUT": {
       "length": 8,
       "magic": 0,
       "mode": 24,
       "patch": 6,
       "payload": 32,
       "reserved": 7,
       "target": 16,
       "version": 4,
     },
     "BSTACK_RANGE_LAYOUT": {
       "length": 8,
       "start": 0,
     },
     "BTREE_MAP_LAYOUT": {
       "allocator": 52,
       "firstChunk": 100,
       "length": 20,
       "magic": 0,
       "pageSize": 4,
       "pageSizeKind": 8,
       "reserved": 28,
       "root": 12,
     },
     "CELL_LAYOUT": {
       "magic": 0,
       "value": 8,
       "valueSize": 4,
     },
     "CHECKED_BLOCK_LAYOUT": {
       "next": 8,
       "tag": 0,
     },
     "CONCURRENT_LAYOUT": {
       "header": {
         "capacity": 4,
         "freeTop": 64,
         "magic": 0,
         "memoryClass": 12,
         "ordinal": 13,
         "padding": 14,
         "payloadSizeMax": 8,
         "reserved": 24,
         "retiredTop": 72,
         "rings": 20,
         "seats": 80,
         "seatsEnd": 304,
         "slots": 320,
         "version": 3,
         "waiting": 16,
       },
       "slot": {
         "header": 16,
         "link": 8,
         "lock": 0,
         "payload": 72,
       },
     },
     "DEQUE_LAYOUT": {
       "bound": 4,
       "capacity": 16,
       "head": 24,
       "length": 32,
       "magic": 0,
       "padding": 9,
       "reserved": 40,
       "slots": 64,
     },
     "ELEMENT_STORE_LAYOUT": {
       "header": {
         "allocator": 32,
         "firstChunk": 80,
         "magic": 0,
         "reserved": 4,
       },
       "payload": {
         "content": 8,
         "next": 0,
       },
     },
     "ENTRY_BLOCK_LAYOUT": {
       "key": 96,
       "keySize": 88,
       "left": 8,
       "leftHash": 24,
       "position": 0,
       "right": 16,
       "rightHash": 56,
       "stale": 4,
       "valueSize": 92,
     },
     "FIRST_FIT_BLOCK_LAYOUT": {
       "flags": 8,
       "payload": 16,
       "reserved": 12,
       "size": 0,
     },
     "FIRST_FIT_HEADER_LAYOUT": {
       "arena": 48,
       "flags": 24,
       "freeHead": 32,
       "magic": 16,
       "reserved": 28,
       "unused": 40,
       "user": 0,
     },
     "FIRST_FIT_LINKS_LAYOUT": {
       "next": 0,
       "previous": 8,
     },
     "FREE_NODE_LAYOUT": {
       "left": 8,
       "right": 16,
       "tag": 0,
     },
     "GENERATION_LAYOUT": {
       "checksum": 24,
       "imageLength": 16,
       "magic": 0,
       "number": 8,
       "reserved": 5,
       "rest": 32,
       "state": 4,
     },
     "GHOST_TREE_HEADER_LAYOUT": {
       "arena": 48,
       "magic": 32,
       "root": 40,
       "user": 0,
     },
     "GHOST_TREE_NODE_LAYOUT": {
       "balance": 8,
       "height": 9,
       "left": 16,
       "reserved": 10,
       "right": 24,
       "size": 0,
     },
     "HASH_MAP_LAYOUT": {
       "capacity": 24,
       "keySize": 40,
       "length": 32,
       "table": 16,
       "valueSize": 44,
     },
     "JOURNAL_LAYOUT": {
       "block": {
         "bytes": 16,
         "end": 8,
         "start": 0,
       },
       "copy": {
         "count": 8,
         "source": 0,
       },
       "repeat": {
         "copies": 0,
         "pattern": 8,
       },
     },
     "LEGACY_BSTACK_LAYOUT": {
       "length": 8,
       "magic": 0,
       "patch": 6,
       "payload": 16,
       "reserved": 7,
       "version": 4,
     },
     "LOG_DATA_LAYOUT": {
       "entries": 32,
       "magic": 0,
       "reserved": 4,
     },
     "LOG_INDEX_LAYOUT": {
       "bounds": 40,
       "length": 32,
       "magic": 0,
       "reserved": 4,
     },
     "MEMORY_MANAGER_LAYOUT": {
       "bucketCount": 4,
       "bucketSize": 6,
       "buckets": 65536,
       "magic": 0,
       "memorySizes": 40,
       "reserved": 8,
       "table": 2080,
     },
     "MEMORY_STORAGE_LAYOUT": {
       "bytes": 64,
       "length": 8,
       "magic": 0,
       "mark": 16,
       "padding": 4,
       "reserved": 24,
     },
     "MESSAGE_HEADER_LAYOUT": {
       "creationTick": 16,
       "deadline": 24,
       "end": 56,
       "flags": 36,
       "hasDeadline": 43,
       "memoryClass": 41,
       "ordinal": 42,
       "payloadSize": 32,
       "qos": 40,
       "reserved": 44,
       "sequence": 8,
       "traceId": 0,
     },
     "MESSAGE_SLOT_LAYOUT": {
       "generation": 0,
       "message": 16,
       "next": 8,
       "reserved": 12,
       "state": 4,
     },
     "MESSAGE_STORE_LAYOUT": {
       "capacity": 8,
       "freeHead": 24,
       "gap": 18,
       "highWater": 28,
       "live": 32,
       "magic": 0,
       "memoryClass": 16,
       "ordinal": 17,
       "padding": 4,
       "payloadSizeMax": 12,
       "reserved": 40,
       "retired": 36,
       "slots": 64,
     },
     "NODE_LAYOUT": {
       "children": 15,
       "entryCount": 5,
       "kind": 4,
       "magic": 0,
       "overflow": 7,
     },
     "NODE_V1_LAYOUT": {
       "entryCount": 5,
       "kind": 4,
       "magic": 0,
       "slots": 7,
     },
     "OVERFLOW_LAYOUT": {
       "data": 11,
       "magic": 0,
       "next": 3,
     },
     "PLACE_LAYOUT": {
       "address": 0,
       "reserved": 12,
       "size": 8,
     },
     "RECORD_LAYOUT": {
       "range": {
         "bytes": 16,
         "length": 8,
         "offset": 0,
       },
       "record": {
         "checksum": 0,
         "generation": 16,
         "imageLength": 32,
         "length": 8,
         "number": 24,
         "ranges": 40,
       },
     },
     "ROOT_LAYOUT": {
       "block": {
         "typeName": 2,
         "typeNameLength": 0,
       },
       "entry": {
         "name": 1,
         "nameLength": 0,
         "ptr": 64,
       },
     },
     "SECTOR_LAYOUT": {
       "capacity": 16,
       "first": 8,
       "previous": 0,
       "slots": 24,
     },
     "SHARED_TOKEN_QUEUE_LAYOUT": {
       "cell": {
         "bytesBefore": 24,
         "end": 32,
         "queued": 0,
       },
       "header": {
         "cellCount": 4,
         "cells": 192,
         "consumerTaken": 12,
         "hand": 144,
         "handPadding": 168,
         "head": 128,
         "heldNumber": 140,
         "holds": 136,
         "magic": 0,
         "padding": 16,
         "producerTaken": 8,
         "tail": 64,
         "tailPadding": 68,
         "version": 3,
         "waiting": 132,
       },
     },
     "SLAB_LAYOUT": {
       "arena": 48,
       "blockSize": 32,
       "freeHead": 40,
       "magic": 24,
       "user": 0,
     },
     "STORED_LETTER_LAYOUT": {
       "attempts": 4,
       "attemptsBefore": 8,
       "dueAt": 16,
       "reason": 24,
       "reasonLength": 2,
       "reserved": 12,
       "reservedByte": 3,
       "state": 1,
       "version": 0,
     },
     "STRUCTURE_LAYOUT": {
       "fields": 16,
       "kind": 0,
       "mark": 14,
       "revision": 4,
       "serial": 8,
       "version": 1,
       "zero": 2,
     },
     "S_BOX_LAYOUT": {
       "slot": 24,
       "state": 16,
       "zero": 17,
     },
     "S_BTREE_MAP_LAYOUT": {
       "length": 24,
       "pageSize": 32,
       "root": 16,
       "structure": 0,
       "zero": 36,
     },
     "S_CERTIFIED_BTREE_MAP_LAYOUT": {
       "length": 16,
       "root": 24,
       "rootHash": 32,
       "stale": 64,
     },
     "S_LOG_LAYOUT": {
       "last": 16,
       "length": 24,
     },
     "S_RECORD_LAYOUT": {
       "slots": 24,
       "state": 16,
       "zero": 17,
     },
     "S_VEC_LAYOUT": {
       "capacity": 32,
       "data": 16,
       "length": 24,
     },
     "TOKEN_CELL_LAYOUT": {
       "deadline": 8,
       "end": 24,
       "hasDeadline": 21,
       "payloadSize": 16,
       "qos": 20,
       "reserved": 22,
       "token": 0,
     },
     "TOKEN_QUEUE_LAYOUT": {
       "bytes": 40,
       "capacity": 16,
       "cells": 64,
       "head": 24,
       "length": 32,
       "magic": 0,
       "padding": 4,
       "reserved": 48,
     },
   }
  `);
});
