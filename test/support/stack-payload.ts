/** A payload in RAM: what slices and readers ask of a stack, without the stack. */
import type { StackPayload } from '../../src/lib/bstack/cursor.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { assertStored } from '../../src/lib/storage.js';

/** Shows what it holds as text. */
export class TestPayload implements StackPayload {
  readonly storage: HeapStorage;

  constructor(text: string) {
    this.storage = new HeapStorage(encode(text));
  }

  get length(): number {
    return this.storage.length();
  }

  getInto(offset: number, target: Uint8Array): void {
    this.storage.read(offset, target);
  }

  set(offset: number, bytes: Uint8Array): void {
    assertStored(offset, bytes.length, this.length);
    this.storage.write(offset, bytes);
  }

  zero(offset: number, count: number): void {
    this.set(offset, new Uint8Array(count));
  }

  toString(): string {
    return decode(this.storage.toBytes());
  }
}

/** The bytes of an ASCII text. */
export function encode(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** The ASCII text of bytes; 0 is shown as an underscore. */
export function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1').replaceAll('\0', '_');
}
