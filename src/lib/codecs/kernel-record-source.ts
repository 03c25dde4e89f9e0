/**
 * Two functions for each declaration of a record, generated once: one fills the slots from a value,
 * the other makes a value of them. Generated they are because QuickJS interprets: a loop over the
 * fields costs twice as much as lines that name them, and so does an object that is filled compared
 * to one that is written out. Into the source go numbers, and names as literals of JSON. For
 * `{ name: text, age: u8, bio: optional(text), owner: principal }` they are:
 *
 *     (record, start) => {
 *       const v0 = record["name"];
 *       const v1 = record["age"];
 *       const v2 = record["bio"];
 *       const has2 = v2 !== undefined;
 *       const v3 = record["owner"];
 *       if (!(typeof v0 === "string")) return undefined;
 *       if (!(typeof v1 === "number" && v1 >= 0 && v1 <= 255 && v1 % 1 === 0)) return undefined;
 *       if (has2 && !(typeof v2 === "string")) return undefined;
 *       let end = start;
 *       const start3 = end;
 *       end = put(codecs[3], v3, staging, end);
 *       if (end < 0) return undefined;
 *       const size3 = end - start3;
 *       numbers[0] = v0.length;
 *       numbers[1] = v1;
 *       numbers[2] = has2 ? 1 : 0;
 *       if (has2) numbers[3] = v2.length;
 *       numbers[4] = size3;
 *       return "" + v0 + (has2 ? v2 : "");
 *     }
 *
 *     (texts, bytes) => {
 *       let at = 0;
 *       const v0 = texts.substring(at, at += numbers[0]);
 *       const v1 = numbers[1];
 *       const has2 = numbers[2] === 1;
 *       const v2 = (has2 ? texts.substring(at, at += numbers[3]) : undefined);
 *       const start3 = numbers[5];
 *       const end3 = start3 + numbers[4];
 *       const v3 = get(codecs[3], bytes, start3, end3);
 *       const record = {"name": v0, "age": v1};
 *       if (has2) record["bio"] = v2;
 *       record["owner"] = v3;
 *       return record;
 *     }
 *
 * INVARIANT: where another codec takes part, which may itself use the slots, they are not filled
 * yet, or are already read.
 *
 * Source: `kernel-record-plan.ts` for the slots.
 */
import { decodeRange, encodeCheckedInto } from '../codec.js';
import { dateAt, isDate } from './date.js';
import type { Crossing, CrossingKind } from './kernel-record-plan.js';

/**
 * Puts the fields of a value into the slots, and those that cross as bytes into the staging area
 * from `start` on. Returns the joined texts, or `undefined` where TypeScript has to look at it.
 */
export type FillSlots = (value: object, start: number) => string | undefined;

/** Makes a value of the slots, the joined texts, and the bytes that the record lies in. */
export type ReadSlots = (texts: string, bytes: Uint8Array) => Record<string, unknown>;

/** What generated functions work on. */
export interface SlotArrays {
  readonly slots: Float64Array;
  readonly staging: Uint8Array;
}

/** What generated functions know: the slots under three types, and what they call. */
const PARAMETERS = [
  ...['numbers', 'words', 'signedWords', 'staging', 'codecs'],
  ...['put', 'get', 'isDate', 'dateAt'],
];

/** What is so of the value `v` of a field, if it is one that its codec has. */
const CHECKS: Record<Exclude<CrossingKind, 'bytes' | 'unsigned' | 'signed'>, string> = {
  bool: 'typeof v === "boolean"',
  date: 'isDate(v)',
  float: 'typeof v === "number"',
  word: 'typeof v === "bigint" && v >= 0n && v <= 0xffffffffffffffffn',
  signedWord: 'typeof v === "bigint" && v >= -0x8000000000000000n && v <= 0x7fffffffffffffffn',
  text: 'typeof v === "string"',
};

/** The function that fills the slots. O(fields). Throws where functions may not be generated. */
export function generateFill(arrays: SlotArrays, crossings: readonly Crossing[]): FillSlots {
  const lines: string[] = [];
  crossings.forEach(({ field }, index) => {
    lines.push(`const v${index} = record[${JSON.stringify(field.name)}];`);
    if (field.isOptional) lines.push(`const has${index} = v${index} !== undefined;`);
  });
  lines.push(...crossings.map(checkLine), 'let end = start;');
  lines.push(...crossings.map(prepareLine), ...crossings.map(storeLine));
  const texts = crossings.map((crossing, index) =>
    crossing.kind === 'text' ? ` + ${ifPresent(crossing, index, `v${index}`, '""')}` : '',
  );
  lines.push(`return ""${texts.join('')};`);
  return generate(arrays, crossings, `(record, start) => {\n${lines.join('\n')}\n}`) as FillSlots;
}

/** The function that makes a value. O(fields). Throws where functions may not be generated. */
export function generateRead(arrays: SlotArrays, crossings: readonly Crossing[]): ReadSlots {
  const lines = ['let at = 0;', ...crossings.map(loadLine), ...crossings.map(decodeLine)];
  const required = crossings.findIndex(({ field }) => field.isOptional);
  const count = required < 0 ? crossings.length : required;
  const written = crossings
    .slice(0, count)
    .map(({ field }, index) => `${JSON.stringify(field.name)}: v${index}`);
  lines.push(`const record = {${written.join(', ')}};`);
  for (let index = count; index < crossings.length; index++) {
    const { field } = crossings[index]!;
    const set = `record[${JSON.stringify(field.name)}] = v${index};`;
    lines.push(field.isOptional ? `if (has${index}) ${set}` : set);
  }
  lines.push('return record;');
  return generate(arrays, crossings, `(texts, bytes) => {\n${lines.join('\n')}\n}`) as ReadSlots;
}

function generate(
  { slots, staging }: SlotArrays,
  crossings: readonly Crossing[],
  source: string,
): unknown {
  const { buffer, byteOffset, length } = slots;
  const words = new BigUint64Array(buffer, byteOffset, length);
  const signedWords = new BigInt64Array(buffer, byteOffset, length);
  const codecs = crossings.map(({ field }) => field.codec);
  const arrays = [slots, words, signedWords, staging, codecs];
  const make = new Function(...PARAMETERS, `"use strict";\nreturn ${source};`);
  return make(...arrays, encodeCheckedInto, decodeRange, isDate, dateAt);
}

/** Of a required field `there`; of an optional one that, or `missing`. */
function ifPresent({ field }: Crossing, index: number, there: string, missing: string): string {
  return field.isOptional ? `(has${index} ? ${there} : ${missing})` : there;
}

function checkLine(crossing: Crossing, index: number): string {
  if (crossing.kind === 'bytes') return '';
  const check = checkOf(crossing).replaceAll(/\bv\b/g, `v${index}`);
  return `if (${crossing.field.isOptional ? `has${index} && ` : ''}!(${check})) return undefined;`;
}

function checkOf({ kind, field }: Crossing): string {
  if (kind !== 'unsigned' && kind !== 'signed') return kind === 'bytes' ? 'true' : CHECKS[kind];
  const range = 2 ** (8 * field.size);
  const min = kind === 'signed' ? -range / 2 : 0;
  return `typeof v === "number" && v >= ${min} && v <= ${min + range - 1} && v % 1 === 0`;
}

/** What a value needs that is more than a number of its own. */
function prepareLine(crossing: Crossing, index: number): string {
  if (crossing.kind === 'date') {
    return `const time${index} = ${ifPresent(crossing, index, `v${index}.getTime()`, '0')};
if (time${index} % 1 !== 0) return undefined;`;
  }
  if (crossing.kind !== 'bytes') return '';
  const put = `put(codecs[${index}], v${index}, staging, end)`;
  return `const start${index} = end;
end = ${ifPresent(crossing, index, put, 'end')};
if (end < 0) return undefined;
const size${index} = end - start${index};`;
}

function storeLine(crossing: Crossing, index: number): string {
  const { kind, slot, field } = crossing;
  const store = storeOf(kind, slot, index);
  if (!field.isOptional) return store;
  return `numbers[${slot - 1}] = has${index} ? 1 : 0;\nif (has${index}) ${store}`;
}

function storeOf(kind: CrossingKind, slot: number, index: number): string {
  if (kind === 'word') return `words[${slot}] = v${index};`;
  if (kind === 'signedWord') return `signedWords[${slot}] = v${index};`;
  if (kind === 'text') return `numbers[${slot}] = v${index}.length;`;
  if (kind === 'date') return `numbers[${slot}] = time${index};`;
  if (kind === 'bytes') return `numbers[${slot}] = size${index};`;
  return `numbers[${slot}] = ${kind === 'bool' ? `v${index} ? 1 : 0` : `v${index}`};`;
}

function loadLine(crossing: Crossing, index: number): string {
  const { kind, slot, field } = crossing;
  const has = field.isOptional ? `const has${index} = numbers[${slot - 1}] === 1;\n` : '';
  if (kind !== 'bytes') {
    const load = ifPresent(crossing, index, loadOf(kind, slot), 'undefined');
    return `${has}const v${index} = ${load};`;
  }
  return `${has}const start${index} = numbers[${slot + 1}];
const end${index} = start${index} + numbers[${slot}];`;
}

function loadOf(kind: CrossingKind, slot: number): string {
  if (kind === 'word') return `words[${slot}]`;
  if (kind === 'signedWord') return `signedWords[${slot}]`;
  if (kind === 'text') return `texts.substring(at, at += numbers[${slot}])`;
  if (kind === 'date') return `dateAt(numbers[${slot}])`;
  return kind === 'bool' ? `numbers[${slot}] === 1` : `numbers[${slot}]`;
}

function decodeLine(crossing: Crossing, index: number): string {
  if (crossing.kind !== 'bytes') return '';
  const get = `get(codecs[${index}], bytes, start${index}, end${index})`;
  return `const v${index} = ${ifPresent(crossing, index, get, 'undefined')};`;
}
