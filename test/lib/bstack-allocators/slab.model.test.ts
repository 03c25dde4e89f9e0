/** Random operations on the simple allocators, beside a map of what their blocks hold. */
import { test } from '@jest/globals';
import type { BStack } from '../../../src/lib/bstack.js';
import { CheckedSlabBStackAllocator } from '../../../src/lib/bstack-allocators/checked-slab.js';
import { LinearBStackAllocator } from '../../../src/lib/bstack-allocators/linear.js';
import { SlabBStackAllocator } from '../../../src/lib/bstack-allocators/slab.js';
import { checkAllocatorModel } from '../../support/bstack-allocator-model.js';

const SIZE = 32;

const openSlab = (stack: BStack) =>
  stack.isEmpty ? SlabBStackAllocator.create(stack, SIZE) : SlabBStackAllocator.open(stack);

const openCheckedSlab = (stack: BStack) =>
  stack.isEmpty
    ? CheckedSlabBStackAllocator.create(stack, SIZE)
    : CheckedSlabBStackAllocator.open(stack);

const openLinear = (stack: BStack) => LinearBStackAllocator.open(stack);

test('a slab does what a model of it does', () => {
  checkAllocatorModel({ open: openSlab });
});

test('a checked slab does what a model of it does', () => {
  checkAllocatorModel({ open: openCheckedSlab });
});

test('a linear allocator does what a model of it does', () => {
  checkAllocatorModel({ open: openLinear, resizesOnlyTail: true });
});
