/**
 * Where a value differs from its type. Writers only say that one does; here the value is looked
 * through again, part by part, for the innermost one that its writer refuses.
 *
 * Source: house style rule 17.
 */
import { StorageError } from '../errors.js';
import { kind } from '../guards.js';
import type { TypeNode } from './type.js';
import { WrongValue, type Writers } from './writers.js';

const NOWHERE = new Uint8Array(0);
const TYPE_LENGTH_MAX = 100;

/** A path ends here, since values may contain themselves. */
const STEPS_MAX = 50;

/** A value, the type that it was to have, and where it is. */
export interface Part {
  readonly path: string;
  readonly type: TypeNode;
  readonly value: unknown;
}

/**
 * The error of the first of these values that its writer refuses, with the path to the part that is
 * wrong, such as `argument 0.users[3].name`. O(size). PRECONDITION: there is one.
 */
export function wrongValueAt(writers: Writers, values: readonly Part[]): StorageError {
  let wrong = values.find((part) => isRefused(writers, part))!;
  for (let step = 0; step < STEPS_MAX; step++) {
    const inner = partsOf(wrong).find((part) => isRefused(writers, part));
    if (inner === undefined) break;
    wrong = inner;
  }
  return refusal(wrong);
}

function isRefused(writers: Writers, { type, value }: Part): boolean {
  try {
    writers.of(type)(value, NOWHERE, 0);
    return false;
  } catch (error) {
    if (error instanceof WrongValue) return true;
    throw error;
  }
}

/** The parts of a value, as far as it has the form of its type. */
function partsOf({ path, type, value }: Part): readonly Part[] {
  switch (type.kind) {
    case 'rec':
      return [{ path, type: type.type, value }];
    case 'opt':
      return Array.isArray(value) && value.length === 1 ? elements(path, type.element, value) : [];
    case 'vec':
      return Array.isArray(value) ? elements(path, type.element, value) : [];
    case 'tuple':
      if (!Array.isArray(value) || value.length < type.fields.length) return [];
      return type.fields.map((field, index) => ({
        path: `${path}[${index}]`,
        type: field.type,
        value: value[index],
      }));
    case 'record':
    case 'variant':
      if (typeof value !== 'object' || value === null) return [];
      return type.fields
        .filter(({ name }) => name in value)
        .map((field) => ({
          path: `${path}.${field.name}`,
          type: field.type,
          value: (value as Record<string, unknown>)[field.name],
        }));
    default:
      return [];
  }
}

function elements(path: string, type: TypeNode, values: readonly unknown[]): readonly Part[] {
  return Array.from(values, (value, index) => ({ path: `${path}[${index}]`, type, value }));
}

function refusal({ path, type, value }: Part): StorageError {
  const expected = shortened(type.name);
  const found = `${kind(value)}${isPlain(value) ? ` ${shortened(String(value))}` : ''}`;
  return new StorageError(
    'INVALID_VALUE',
    `${path}: expected a value of the Candid type ${expected}, got ${found}. Nothing was ` +
      'written; correct the value or declare a type that has it.',
    { path, expected, found },
  );
}

function isPlain(value: unknown): boolean {
  return ['number', 'bigint', 'boolean', 'string'].includes(typeof value);
}

function shortened(text: string): string {
  return text.length <= TYPE_LENGTH_MAX ? text : `${text.slice(0, TYPE_LENGTH_MAX)}...`;
}
