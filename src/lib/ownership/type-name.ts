/**
 * The name under which a codec is remembered with a root. It must tell types apart, and it must not
 * change with what a type may change: a record's fields come and go, an enumeration gets new words,
 * a `blob` a larger bound. So of those only the kind is kept.
 *
 * Source: `src/lib/codecs/field-type.ts` has the same rule for the fields of records.
 */
import type { Codec } from '../codec.js';

/** Kinds whose parameters may change. */
const CHANGING = /\b(record|enumeration|blob)\(/;

/**
 * The name of a codec's type.
 *
 * @example
 * typeNameOf(tuple(u64, record({ name: text }))); // 'tuple(u64, record)'
 */
export function typeNameOf({ name }: Codec<unknown>): string {
  let rest = name;
  let kept = '';
  for (let match = CHANGING.exec(rest); match !== null; match = CHANGING.exec(rest)) {
    const open = match.index + match[0].length;
    kept += rest.slice(0, open - 1);
    rest = rest.slice(endOfParameters(rest, open));
  }
  return kept + rest;
}

/** Where the parameters end that begin at `start`, their closing bracket included. */
function endOfParameters(text: string, start: number): number {
  let depth = 1;
  let end = start;
  while (depth > 0 && end < text.length) {
    if (text[end] === '(') depth += 1;
    if (text[end] === ')') depth -= 1;
    end += 1;
  }
  return end;
}
