/**
 * Jest compares byte arrays one element at a time, as it does any object, at about a microsecond a
 * byte. Nodes and images have many: two arrays of bytes are compared natively here.
 */
import { expect } from '@jest/globals';

expect.addEqualityTesters([
  (left: unknown, right: unknown) => {
    if (!(left instanceof Uint8Array && right instanceof Uint8Array)) return undefined;
    return left.constructor === right.constructor ? Buffer.compare(left, right) === 0 : undefined;
  },
]);
