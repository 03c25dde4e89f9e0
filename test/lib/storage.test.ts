import { expect, test } from '@jest/globals';
import { assertStored, outsideStorage, storageClosed } from '../../src/lib/storage.js';
import { codeOf } from '../support/memories.js';

test('an access is within a storage up to its last byte', () => {
  expect(() => assertStored(0, 3, 3)).not.toThrow();
  expect(() => assertStored(3, 0, 3)).not.toThrow();
  expect(codeOf(() => assertStored(1, 3, 3))).toBe('OUT_OF_BOUNDS');
});

test('its errors say what was expected and what was found', () => {
  expect(outsideStorage(4, 2, 5).message).toContain('bytes 4 to 6 are not within the 5 bytes');
  expect(outsideStorage(4, 2, 5).details).toEqual({ offset: 4, count: 2, length: 5 });
  expect(storageClosed('FileStorage').message).toContain('this FileStorage was closed');
});
