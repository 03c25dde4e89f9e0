/**
 * Environment variables: texts that the settings give and the code can read. The history of a
 * canister remembers the hash of those that it was created with.
 *
 * Source: IC interface specification, `environment_variables` and "Hash of map";
 * specs/replica.md section 4.3.
 */
import type { Host } from '../host.js';

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

const VARIABLES_MAX = 20;
const TEXT_SIZE_MAX = 128;
const utf8 = new TextEncoder();

/** What breaks a limit; undefined where nothing does. */
export function wrongVariable(variables: readonly EnvironmentVariable[]): string | undefined {
  if (variables.length > VARIABLES_MAX) {
    return `Too many environment variables: ${variables.length} (max: ${VARIABLES_MAX})`;
  }
  if (new Set(variables.map(({ name }) => name)).size < variables.length) {
    return 'Duplicate environment variables are not allowed';
  }
  for (const variable of variables) {
    for (const part of ['name', 'value'] as const) {
      const text = variable[part];
      if (utf8.encode(text).length <= TEXT_SIZE_MAX) continue;
      return (
        `Environment variable ${part} "${text}" exceeds the maximum allowed length of ` +
        `${TEXT_SIZE_MAX}.`
      );
    }
  }
  return undefined;
}

/** The representation-independent hash of the variables; undefined where none were given. */
export function variablesHash(
  host: Host,
  variables: readonly EnvironmentVariable[] | undefined,
): Uint8Array | undefined {
  if (variables === undefined) return undefined;
  const hash = (text: string): Uint8Array => host.sha256(utf8.encode(text));
  const pairs = variables.map(({ name, value }) => Uint8Array.of(...hash(name), ...hash(value)));
  return host.sha256(...pairs.sort(compareBytes));
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const differing = a.findIndex((byte, index) => byte !== b[index]);
  return differing < 0 ? 0 : a[differing]! - b[differing]!;
}
