/**
 * Files of records. A file begins with
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic: "RJN" for a journal, "RCK" for a checkpoint
 *          3     1  layout version, 1
 *          4     8  fingerprint of the identity that the file belongs to
 *         12     -  records, see `archive/record.ts`
 *
 * A file that ends within a record was cut off while that record was written. Anything else that is
 * not what was written is damage.
 *
 * Source: own design.
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';

import {
  isBodyOf,
  readRecordHeader,
  RECORD_HEADER_SIZE,
  writeRecordHeader,
} from '../archive/record.js';
import { StateError } from '../archive/state-error.js';

export type Magic = 'RJN' | 'RCK';

const LAYOUT_VERSION = 1;
const VERSION_OFFSET = 3;
const FINGERPRINT_OFFSET = VERSION_OFFSET + 1;
export const FINGERPRINT_SIZE = 8;
export const FILE_HEADER_SIZE = FINGERPRINT_OFFSET + FINGERPRINT_SIZE;

const OWNER_ONLY = 0o600;

/** Appends records to a file. */
export class RecordFile {
  #size: number;

  private constructor(
    readonly path: string,
    readonly descriptor: number,
    size: number,
  ) {
    this.#size = size;
  }

  /** A new file with nothing but its header. */
  static create(path: string, magic: Magic, fingerprint: Uint8Array): RecordFile {
    const file = new RecordFile(path, openSync(path, 'w', OWNER_ONLY), 0);
    file.#write(fileHeader(magic, fingerprint));
    return file;
  }

  /** A file that is there, to go on after its first `size` bytes. */
  static continue(path: string, size: number): RecordFile {
    return new RecordFile(path, openSync(path, 'r+'), size);
  }

  get size(): number {
    return this.#size;
  }

  append(body: Uint8Array): void {
    this.#write(writeRecordHeader(body));
    this.#write(body);
  }

  /** Takes away what lies behind the records: the beginning of one that was cut off. */
  cutOff(): void {
    ftruncateSync(this.descriptor, this.#size);
  }

  /** Waits until the bytes are on the disk. */
  sync(): void {
    fsyncSync(this.descriptor);
  }

  /** Sends the bytes to the disk while the program goes on. */
  syncSoon(fail: (error: Error) => void): void {
    fdatasync(this.descriptor, (error) => error && error.code !== 'EBADF' && fail(error));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  #write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) {
      const rest = bytes.length - written;
      written += writeSync(this.descriptor, bytes, written, rest, this.#size + written);
    }
    this.#size += bytes.length;
  }
}

export interface Ending {
  /** Where the last whole record ends. */
  readonly end: number;
  /** Whether another record began there. */
  readonly isCutOff: boolean;
}

/** Hands the body of each whole record to `visit`. Throws `StateError` for a damaged file. */
export function readRecords(
  path: string,
  magic: Magic,
  fingerprint: Uint8Array,
  visit: (body: Uint8Array) => void,
): Ending {
  const descriptor = openSync(path, 'r');
  try {
    checkFileHeader(path, readAt(descriptor, 0, FILE_HEADER_SIZE), magic, fingerprint);
    return visitRecords(path, descriptor, fstatSync(descriptor).size, visit);
  } finally {
    closeSync(descriptor);
  }
}

function visitRecords(
  path: string,
  descriptor: number,
  size: number,
  visit: (body: Uint8Array) => void,
): Ending {
  let end = FILE_HEADER_SIZE;
  while (end < size) {
    const bodyOffset = end + RECORD_HEADER_SIZE;
    if (bodyOffset > size) return { end, isCutOff: true };
    const header = readRecordHeader(readAt(descriptor, end, RECORD_HEADER_SIZE));
    if (header === undefined) throw damaged(path, end);
    if (bodyOffset + header.length > size) return { end, isCutOff: true };
    const body = readAt(descriptor, bodyOffset, header.length);
    if (!isBodyOf(header, body)) throw damaged(path, end);
    visit(body);
    end = bodyOffset + header.length;
  }
  return { end, isCutOff: false };
}

function fileHeader(magic: Magic, fingerprint: Uint8Array): Uint8Array {
  const header = new Uint8Array(FILE_HEADER_SIZE);
  header.set(new TextEncoder().encode(magic));
  header[VERSION_OFFSET] = LAYOUT_VERSION;
  header.set(fingerprint, FINGERPRINT_OFFSET);
  return header;
}

function checkFileHeader(
  path: string,
  found: Uint8Array,
  magic: Magic,
  fingerprint: Uint8Array,
): void {
  const expected = fileHeader(magic, fingerprint);
  if (Buffer.compare(found, expected) === 0) return;
  if (Buffer.compare(found.subarray(0, VERSION_OFFSET), expected.subarray(0, VERSION_OFFSET))) {
    throw new StateError('DAMAGED', `${path}: expected a file that begins with ${magic}`);
  }
  const version = found[VERSION_OFFSET];
  if (version !== LAYOUT_VERSION) {
    const text = `${path}: expected layout version ${LAYOUT_VERSION}, found ${version}`;
    throw new StateError('UNSUPPORTED_VERSION', `${text}; another program wrote it`);
  }
  throw new StateError('DAMAGED', `${path}: it belongs to another state directory, or is damaged`);
}

/** Fewer bytes where the file ends. */
function readAt(descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let count = 0;
  while (count < length) {
    const read = readSync(descriptor, bytes, count, length - count, offset + count);
    if (read === 0) break;
    count += read;
  }
  return bytes.subarray(0, count);
}

function damaged(path: string, offset: number): StateError {
  return new StateError(
    'DAMAGED',
    `${path}: the record at offset ${offset} is not what was written. Nothing was changed. ` +
      `To give up everything from there on, cut the file at that offset`,
  );
}
