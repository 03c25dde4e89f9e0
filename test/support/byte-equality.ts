/**
 * Jest compares arrays one element at a time, as it does any object, at about a microsecond a byte
 * or a number. Images and lists of entries have many: here Node compares them first. What is equal
 * to it in the strictest sense is equal to Jest; where it is not, Jest has the say, and tells what
 * is different. Two arrays of bytes are compared natively at once.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';

expect.addEqualityTesters([
  (left: unknown, right: unknown) => {
    if (!(left instanceof Uint8Array && right instanceof Uint8Array)) return undefined;
    return left.constructor === right.constructor ? Buffer.compare(left, right) === 0 : undefined;
  },
  (left: unknown, right: unknown) => {
    if (typeof left !== 'object' || typeof right !== 'object') return undefined;
    return isDeepStrictEqual(left, right) ? true : undefined;
  },
]);
