/**
 * Values of JavaScript as the tree that JSON can hold, and back. What JSON lacks is an object with
 * one property whose name says what it is; see the table in `json.ts`.
 *
 * INVARIANT: a name that begins with exactly one `$` is never the user's, since those get another.
 * And a property is defined, never assigned, where it is called `__proto__`. So no data, whoever
 * sent it, is taken for anything but what it is.
 *
 * Source: `json.ts`.
 */
import { corrupted, type StorageError } from '../errors.js';
import { kind } from '../guards.js';
import { Principal } from '../principal.js';
import { dateFromText, isDate, textOfDate } from './date.js';
import { arrayOfContent, bigintOfContent, contentOfArray } from './json-arrays.js';
import { invalidValue } from './refusals.js';

/** How deep values nest. Far below where an engine's stack ends; a circle has no end. */
const DEPTH_MAX = 256;

/** Numbers that JSON has no text for. */
const ODD_NUMBERS: readonly number[] = [NaN, Infinity, -Infinity, -0];

/** The tree of a value. O(size). Throws `INVALID_VALUE` for what is no data. */
export function treeOf(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return treeOfNumber(value);
    case 'bigint':
      return marked('bigint', String(value));
    case 'undefined':
      return marked('undefined', true);
    case 'object':
      return value === null ? null : treeOfObject(value, depth);
    default:
      throw refused(`a ${typeof value}`);
  }
}

function treeOfNumber(value: number): unknown {
  const isOdd = ODD_NUMBERS.some((odd) => Object.is(odd, value));
  return isOdd ? marked('number', nameOfNumber(value)) : value;
}

/** `String` makes "0" of -0. */
function nameOfNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function treeOfObject(value: object, depth: number): unknown {
  if (isDate(value)) {
    const text = textOfDate(value);
    if (text === undefined) throw refused('a date that is none');
    return marked('date', text);
  }
  if (isPrincipal(value)) return marked('principal', value.toText());
  if (ArrayBuffer.isView(value)) return treeOfArray(value);
  if (depth === DEPTH_MAX) throw refused(`more than ${DEPTH_MAX} levels, or a circle`);
  const treeWithin = (each: unknown): unknown => treeOf(each, depth + 1);
  if (Array.isArray(value)) return Array.from(value, treeWithin);
  if (value instanceof Set) return marked('set', Array.from(value, treeWithin));
  if (value instanceof Map) {
    return marked(
      'map',
      Array.from(value, (entry) => entry.map(treeWithin)),
    );
  }
  assertPlain(value);
  return mapProperties(value, (name) => (name.startsWith('$') ? `$${name}` : name), treeWithin);
}

function treeOfArray(view: ArrayBufferView): unknown {
  const found = contentOfArray(view, treeOfNumber);
  if (found === undefined) throw refused(kind(view));
  return marked(...found);
}

/** An instance of a class would come back as an object without one. */
function assertPlain(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain) throw refused(`an instance of ${kind(value)}`);
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused('a property without a name');
}

function isPrincipal(value: object): value is Principal {
  return '_isPrincipal' in value && typeof (value as Partial<Principal>).toText === 'function';
}

function marked(name: string, content: unknown): unknown {
  return { [`$${name}`]: content };
}

function refused(found: string): StorageError {
  return invalidValue('json', 'data', found);
}

/** The value of a tree. O(size). Throws `CORRUPTED` for what {@link treeOf} never makes. */
export function valueOfTree(tree: unknown, depth = 0): unknown {
  if (typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) return valuesOfTrees(tree, depth);
  const names = Object.keys(tree);
  const mark = names.find((name) => /^\$(?!\$)/.test(name));
  if (mark === undefined) {
    const valueWithin = (each: unknown): unknown => valueOfTree(each, nextDepth(depth));
    return mapProperties(
      tree,
      (name) => (name.startsWith('$') ? name.slice(1) : name),
      valueWithin,
    );
  }
  if (names.length > 1) throw corrupted('json', `${mark} by itself`, `${names.length} properties`);
  const value = markedValue(mark.slice(1), (tree as Record<string, unknown>)[mark], depth);
  if (value === undefined && mark !== '$undefined') throw corrupted('json', `a ${mark}`, 'another');
  return value;
}

/** The value that was marked; `undefined` where it is none. */
function markedValue(name: string, content: unknown, depth: number): unknown {
  switch (name) {
    case 'undefined':
      return undefined;
    case 'number':
      return oddNumber(content);
    case 'bigint':
      return bigintOfContent(content);
    case 'date':
      return dateFromText(content);
    case 'principal':
      return principalOfText(content);
    case 'set':
      return Array.isArray(content) ? new Set(valuesOfTrees(content, depth)) : undefined;
    case 'map':
      return mapOf(content, depth);
    default:
      return arrayOfContent(name, content, numberOfTree);
  }
}

/** Of numbers only, not of any tree: arrays of arrays could nest without end. */
function numberOfTree(tree: unknown): number | undefined {
  if (typeof tree === 'number') return tree;
  const [property, ...others] = Object.entries(tree ?? {});
  return property?.[0] === '$number' && others.length === 0 ? oddNumber(property[1]) : undefined;
}

function oddNumber(content: unknown): number | undefined {
  return ODD_NUMBERS.find((odd) => nameOfNumber(odd) === content);
}

function principalOfText(content: unknown): Principal | undefined {
  try {
    return Principal.fromText(content as string);
  } catch {
    return undefined;
  }
}

function mapOf(content: unknown, depth: number): Map<unknown, unknown> | undefined {
  if (!Array.isArray(content)) return undefined;
  const map = new Map<unknown, unknown>();
  for (const entry of content) {
    if (!Array.isArray(entry) || entry.length !== 2) return undefined;
    const [key, value] = valuesOfTrees(entry, depth);
    map.set(key, value);
  }
  return map;
}

function valuesOfTrees(trees: readonly unknown[], depth: number): unknown[] {
  const depthWithin = nextDepth(depth);
  return trees.map((each) => valueOfTree(each, depthWithin));
}

function nextDepth(depth: number): number {
  if (depth === DEPTH_MAX) throw corrupted('json', `at most ${DEPTH_MAX} levels`, 'more');
  return depth + 1;
}

/** A new object with other names and values, in the same order. */
function mapProperties(
  object: object,
  nameOf: (name: string) => string,
  valueOf: (value: unknown) => unknown,
): object {
  const result = {};
  for (const [name, value] of Object.entries(object)) {
    Object.defineProperty(result, nameOf(name), {
      value: valueOf(value),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return result;
}
