/**
 * How values of the core are written down. The core is made of plain data (objects, arrays, maps,
 * numbers, texts, bytes) and of a few classes; this format takes any of them, so that a new field
 * anywhere in the core is kept without a word here. Every value begins with a tag:
 *
 *     TAG  VALUE        FOLLOWED BY
 *       1  undefined
 *       2  null
 *       3  false
 *       4  true
 *       5  number       8 bytes, IEEE 754, little-endian
 *       6  bigint       signed LEB128, folded: 0, -1, 1, -2, … are written as 0, 1, 2, 3, …
 *       7  text         length in bytes, UTF-8
 *       8  bytes        length, the bytes
 *       9  blob         number of the blob, see below
 *      10  array        count, the elements; a hole is written as undefined
 *      11  map          count, then each key and its value, in the order of the map
 *      12  set          count, the elements, in the order of the set
 *      13  object       count, then each field: its name (length, UTF-8) and its value
 *      14  kind         name (length, UTF-8), the parts: an instance of a class, see `Kind`
 *      15  reference    number of an object that was written before
 *
 * Lengths, counts and numbers are unsigned LEB128. Tag 0 means nothing.
 *
 * Objects keep their identity: bytes, arrays, maps, sets, objects and kinds are numbered from 0 in
 * the order in which they end, and one that is met again is written as a reference. So what two
 * owners share is written once, and is shared again when it is read.
 *
 * Blobs are long byte strings that the reader and the writer keep elsewhere, each content once: the
 * pages of memories, and Wasm modules.
 *
 * INVARIANT: the same value gives the same bytes. Nothing in it depends on time or on addresses.
 *
 * Source: own design; LEB128 as in the WebAssembly core specification, section 5.2.2.
 */
export const Tag = {
  undefined: 1,
  null: 2,
  false: 3,
  true: 4,
  number: 5,
  bigint: 6,
  text: 7,
  bytes: 8,
  blob: 9,
  array: 10,
  map: 11,
  set: 12,
  object: 13,
  kind: 14,
  reference: 15,
} as const;

/** Values are no deeper than this: a chain of references that runs in a circle ends here. */
export const DEPTH_MAX = 64;

export const NUMBER_SIZE = 8;

/** How instances of one class are taken apart into plain data and put together again. */
export interface Kind<Value extends object = object, Parts = unknown> {
  readonly name: string;
  owns(value: object): value is Value;
  parts(value: Value): Parts;
  make(parts: Parts): Value;
}

/** A kind as one of many, its types forgotten: each gets back only what it made. */
export function kind<Value extends object, Parts>(definition: Kind<Value, Parts>): Kind {
  return definition as unknown as Kind;
}
