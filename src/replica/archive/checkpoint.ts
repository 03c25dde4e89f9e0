/**
 * A checkpoint: the whole state of a replica as a list of records. Each record's body begins with a
 * byte that says what it is:
 *
 *     BYTE  RECORD
 *        1  a blob: a page of a memory, a module or another long byte string. The blobs are
 *           numbered from 0 in the order of their records; none is there twice
 *        2  the state: a value (see `value-format.ts`), an object with the fields of `ReplicaState`
 *
 * The state is the last record, and there is one: a checkpoint without it is not whole.
 *
 * Blobs come before what they belong to, so a large state is written and read piece by piece.
 *
 * Source: own design.
 */
import { hex } from '../hex.js';
import type { Host } from '../host.js';
import type { StateValues } from '../state.js';
import { StateError } from './state-error.js';
import type { Kind } from './value-format.js';
import { readValue } from './value-reader.js';
import { writeValue } from './value-writer.js';

const BLOB = 1;
const STATE = 2;

/** Hands the bodies of the records to `append`, one after the other. */
export function writeCheckpoint(
  values: StateValues,
  kinds: readonly Kind[],
  host: Host,
  append: (body: Uint8Array) => void,
): void {
  const numbers = new Map<string, number>();
  const put = (bytes: Uint8Array): number => {
    const hash = hex(host.sha256(bytes));
    const number = numbers.get(hash) ?? numbers.size;
    if (number === numbers.size) append(bodyOf(BLOB, bytes));
    numbers.set(hash, number);
    return number;
  };
  append(bodyOf(STATE, writeValue(values, kinds, { put })));
}

/** Takes the bodies of the records one after the other, and has the state when the last came. */
export class CheckpointReader {
  readonly #blobs: Uint8Array[] = [];
  #state: Uint8Array | undefined;

  take(body: Uint8Array): void {
    if (this.#state !== undefined) throw damaged('goes on after its end');
    const content = body.slice(1);
    if (body[0] === BLOB) this.#blobs.push(content);
    else if (body[0] === STATE) this.#state = content;
    else throw damaged(`has a record of the unknown kind ${body[0]}`);
  }

  values(kinds: readonly Kind[]): StateValues {
    if (this.#state === undefined) throw damaged('ends too early');
    const values = readValue(this.#state, kinds, this.#blobs);
    if (typeof values !== 'object' || values === null) throw damaged('has no state');
    return values as StateValues;
  }
}

function bodyOf(kind: number, content: Uint8Array): Uint8Array {
  const body = new Uint8Array(1 + content.length);
  body[0] = kind;
  body.set(content, 1);
  return body;
}

function damaged(what: string): StateError {
  return new StateError('DAMAGED', `the checkpoint ${what}`);
}
