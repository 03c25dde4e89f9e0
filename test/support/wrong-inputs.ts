/**
 * Tables of wrong inputs for `test.each`: a label for the title and the value. Everything that
 * takes such an argument is tested with the whole table.
 *
 * Source: house style rule 24.
 */

/** A label and a value that is not what the table's name asks for. */
export type WrongInput = readonly [label: string, value: unknown];

const NOTHING: readonly WrongInput[] = [
  ['undefined', undefined],
  ['null', null],
];
const A_NUMBER: WrongInput = ['a number', 7];
const A_BIGINT: WrongInput = ['a bigint', 7n];
const A_TEXT: WrongInput = ['a text', '7'];
const A_BOOLEAN: WrongInput = ['a boolean', true];
const A_SYMBOL: WrongInput = ['a symbol', Symbol('7')];
const A_FUNCTION: WrongInput = ['a function', () => 7];
const AN_OBJECT: WrongInput = ['an object', {}];
const AN_ARRAY: WrongInput = ['an array', [7]];
const BYTES: WrongInput = ['bytes', Uint8Array.of(7)];
const A_BUFFER: WrongInput = ['an array buffer', new ArrayBuffer(1)];
const HALF_WORDS: WrongInput = ['an array of 16-bit words', Uint16Array.of(7)];
const LOOKS_LIKE_BYTES: WrongInput = ['an object with a length', { 0: 7, length: 1 }];

const OBJECTS = [AN_OBJECT, AN_ARRAY, BYTES, A_BUFFER, HALF_WORDS, LOOKS_LIKE_BYTES];
const OTHERS = [A_SYMBOL, A_FUNCTION];

/** Not a `Uint8Array`. */
export const WRONG_BYTES: readonly WrongInput[] = [
  ...NOTHING,
  A_NUMBER,
  A_BIGINT,
  A_TEXT,
  A_BOOLEAN,
  AN_OBJECT,
  AN_ARRAY,
  A_BUFFER,
  HALF_WORDS,
  LOOKS_LIKE_BYTES,
  ...OTHERS,
];

/** Not of type `number`. */
export const WRONG_NUMBERS: readonly WrongInput[] = [
  ...NOTHING,
  A_BIGINT,
  A_TEXT,
  A_BOOLEAN,
  ...OBJECTS,
  ...OTHERS,
];

/** Not of type `bigint`. */
export const WRONG_BIGINTS: readonly WrongInput[] = [
  ...NOTHING,
  A_NUMBER,
  A_TEXT,
  A_BOOLEAN,
  ...OBJECTS,
  ...OTHERS,
];

/** Not of type `string`. */
export const WRONG_TEXTS: readonly WrongInput[] = [
  ...NOTHING,
  A_NUMBER,
  A_BIGINT,
  A_BOOLEAN,
  ['a text object', Object('7')],
  ...OBJECTS,
  ...OTHERS,
];

/** Not of type `boolean`. */
export const WRONG_BOOLEANS: readonly WrongInput[] = [
  ...NOTHING,
  A_NUMBER,
  A_BIGINT,
  A_TEXT,
  ...OBJECTS,
  ...OTHERS,
];

/** Not a `Date`. */
export const WRONG_DATES: readonly WrongInput[] = [
  ...NOTHING,
  A_NUMBER,
  A_BIGINT,
  ['the text of a date', '2024-02-29T12:00:00Z'],
  A_BOOLEAN,
  ...OBJECTS,
  ['an object with a time', { getTime: () => 7 }],
  ...OTHERS,
];

/** Not an array. */
export const WRONG_ARRAYS: readonly WrongInput[] = [
  ...NOTHING,
  A_NUMBER,
  A_BIGINT,
  A_TEXT,
  A_BOOLEAN,
  AN_OBJECT,
  BYTES,
  LOOKS_LIKE_BYTES,
  ...OTHERS,
];

/** Not an object. */
export const WRONG_OBJECTS: readonly WrongInput[] = [
  ...NOTHING,
  A_NUMBER,
  A_BIGINT,
  A_TEXT,
  A_BOOLEAN,
  ...OTHERS,
];

/** Without the methods of a principal. */
export const WRONG_PRINCIPALS: readonly WrongInput[] = [
  ...NOTHING,
  A_NUMBER,
  A_BIGINT,
  ['the text form', 'aaaaa-aa'],
  A_BOOLEAN,
  ...OBJECTS,
  ['a principal whose bytes are none', { toUint8Array: () => [4] }],
  ...OTHERS,
];

/** Without the methods of a codec. */
export const WRONG_CODECS: readonly WrongInput[] = [
  ...NOTHING,
  A_NUMBER,
  ['the name of a codec', 'u64'],
  AN_OBJECT,
  ['half a codec', { encode: () => new Uint8Array(0) }],
  ...OTHERS,
];

/** Of type `number`, but no size, count or offset. */
export const WRONG_SIZES: readonly WrongInput[] = [
  ['a negative number', -1],
  ['a fraction', 1.5],
  ['no number', NaN],
  ['infinity', Infinity],
  ['a number above 2^53 - 1', 2 ** 53],
];

/** Strings that are no principal's text form, each for a reason of its own. */
export const WRONG_PRINCIPAL_TEXTS: readonly WrongInput[] = [
  ['no text at all', ''],
  ['only a dash', '-'],
  ['too short for a checksum', 'aaaa'],
  ['a wrong checksum', 'aaaaa-ba'],
  ['capitals', 'AAAAA-AA'],
  ['no dash', 'aaaaaaa'],
  ['a dash too many', 'aaaaa-aa-'],
  ['a misplaced dash', 'aaaa-aaa'],
  ['a character that is no digit', 'aaaaa-a1'],
  ['a character beyond ASCII', 'aaaaa-aä'],
  ['white space', ' aaaaa-aa'],
  ['stray last bits', 'aaaaa-ab'],
  ['JSON', '{"__principal__":"aaaaa-aa"}'],
];
