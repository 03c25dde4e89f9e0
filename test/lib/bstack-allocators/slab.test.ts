import { test } from '@jest/globals';
import type { BStack } from '../../../src/lib/bstack.js';
import { SlabBStackAllocator } from '../../../src/lib/bstack-allocators/slab.js';
import { describeBStackAllocator } from '../../support/bstack-allocator-conformance.js';
import { checkAllocatorModel } from '../../support/bstack-allocator-model.js';

const open = (stack: BStack) =>
  stack.isEmpty ? SlabBStackAllocator.create(stack, 32) : SlabBStackAllocator.open(stack);

describeBStackAllocator('SlabBStackAllocator', { open });

test('a slab does what a model of it does', () => checkAllocatorModel({ open }));
