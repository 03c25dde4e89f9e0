/**
 * The representation-independent hash: structured data has one hash, however it was encoded. The
 * id of a request is the hash of its content, and signatures are made over such hashes.
 *
 * Source: IC interface specification, "Representation-independent hashing of structured data".
 */
import { concatBytes } from '../bytes.js';
import { leb128 } from '../certification/leb128.js';
import { compareLabels } from '../certification/hash-tree.js';
import type { Host } from '../host.js';

export type Hashable =
  | Uint8Array
  | string
  | bigint
  | readonly Hashable[]
  | { readonly [field: string]: Hashable | undefined };

const utf8 = new TextEncoder();

/** Fields without a value are as if they were not there. */
export function hashOfMap(
  host: Pick<Host, 'sha256'>,
  fields: { readonly [field: string]: Hashable | undefined },
): Uint8Array {
  const entries = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [concatBytes(host.sha256(utf8.encode(name)), hashOf(host, value))];
  });
  return host.sha256(...entries.sort(compareLabels));
}

function hashOf(host: Pick<Host, 'sha256'>, value: Hashable): Uint8Array {
  if (value instanceof Uint8Array) return host.sha256(value);
  if (typeof value === 'string') return host.sha256(utf8.encode(value));
  if (typeof value === 'bigint') return host.sha256(leb128(value));
  if (isList(value)) return host.sha256(...value.map((item) => hashOf(host, item)));
  return hashOfMap(host, value);
}

function isList(value: Hashable): value is readonly Hashable[] {
  return Array.isArray(value);
}
