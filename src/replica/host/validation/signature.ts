/**
 * The types of functions, compared and put into words.
 *
 * Source: IC interface specification, "System API"; specs/replica.md section 4.3.
 */
import { NumberType, type FunctionType } from '../../../wasm/function.js';

const NAMES = new Map<number, string>(
  Object.entries(NumberType).map(([name, type]) => [type, name]),
);

/** What is wrong with the type of a function; undefined where it is the expected one. */
export function refuseSignature(
  name: string,
  found: FunctionType,
  parameters: readonly number[],
  results: readonly number[],
): string | undefined {
  const expected = describe(parameters, results);
  const actual = describe(found.parameters, found.results);
  if (actual === expected) return undefined;
  return (
    'Wasm module has an invalid function signature. ' +
    `Expected the type ${expected} for '${name}', got ${actual}`
  );
}

/** For instance "(i32 i64) -> (i32)". */
function describe(parameters: readonly number[], results: readonly number[]): string {
  return `(${words(parameters)}) -> (${words(results)})`;
}

function words(types: readonly number[]): string {
  return types.map((type) => NAMES.get(type) ?? `0x${type.toString(16)}`).join(' ');
}
