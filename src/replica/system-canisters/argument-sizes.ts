/**
 * Sizes of what is inside an argument. Candid knows no byte strings of a fixed size, so a ledger
 * checks them after decoding, wherever they are: a subaccount has 32 bytes, a memo at most 32.
 *
 * Source: ICRC-1, "Account" and "memo".
 */

const SUBACCOUNT_SIZE = 32;
const MEMO_SIZE_MAX = 32;

/** What is of the wrong size in a decoded argument; undefined where nothing is. */
export function wrongSize(value: unknown, name = ''): string | undefined {
  if (value instanceof Uint8Array) return wrongBytes(value, name);
  if (typeof value !== 'object' || value === null || '_isPrincipal' in value) return undefined;
  const fields = Array.isArray(value)
    ? value.map((element) => [name, element] as const)
    : Object.entries(value);
  for (const [field, inner] of fields) {
    const wrong = wrongSize(inner, field);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongBytes({ length }: Uint8Array, name: string): string | undefined {
  if (name.endsWith('subaccount') && length !== SUBACCOUNT_SIZE) {
    return `the field ${name} has ${length} bytes, expected ${SUBACCOUNT_SIZE}`;
  }
  if (name.endsWith('memo') && length > MEMO_SIZE_MAX) {
    return `the field ${name} has ${length} bytes, more than the limit of ${MEMO_SIZE_MAX}`;
  }
  return undefined;
}
