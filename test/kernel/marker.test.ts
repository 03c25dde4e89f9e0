import { expect, test } from '@jest/globals';
import { LinkError } from '../../src/kernel/link-error.js';
import { markAsLinked } from '../../src/kernel/marker.js';
import { KERNEL_PRESENT, KERNEL_STATE } from '../../src/lib/kernel-client.js';

const MISSING = 'stable-structures kernel: missing';
const PRESENT = 'stable-structures kernel: present';

test("the client's text is the unlinked one, and the last word is replaced by one as long", () => {
  expect(KERNEL_STATE).toBe(MISSING);
  expect(PRESENT.endsWith(KERNEL_PRESENT)).toBe(true);
  expect(PRESENT.length).toBe(MISSING.length);
});

test('the text is replaced wherever it stands, and every other byte is kept', () => {
  const wasm = Buffer.from(`\0asm "${MISSING}" kernel: missing "${MISSING}"`);
  const marked = Buffer.from(markAsLinked(wasm)).toString();
  expect(marked).toBe(`\0asm "${PRESENT}" kernel: missing "${PRESENT}"`);
  expect(wasm.toString()).toContain(MISSING);
});

test('a module without the library is refused', () => {
  expect(() => markAsLinked(Buffer.from('kernel: missing'))).toThrow(LinkError);
  expect(() => markAsLinked(Buffer.from(''))).toThrow('does not use "stable-structures"');
});

test('a module that is linked is refused', () => {
  expect(() => markAsLinked(Buffer.from(`${PRESENT} ${MISSING}`))).toThrow(LinkError);
  expect(() => markAsLinked(Buffer.from(PRESENT))).toThrow('linked already');
});
