/** Heaps, the smallest element first. */
import { MinHeap } from '../../../src/lib/min-heap.js';
import { codecNamed } from '../types.js';
import { read, unknownOperation, writeIfAny, type Opener, type Types } from './subject.js';

export function minHeapOpener({ item }: Types): Opener {
  const codec = codecNamed(item!);
  return ([memory]) => {
    const heap = MinHeap.init(memory!, codec);
    return {
      apply(operation) {
        const { op, v } = operation;
        switch (op) {
          case 'push':
            return heap.push(read(codec, v!));
          case 'pop':
            return writeIfAny(codec, heap.pop());
          case 'len':
            return heap.length;
          default:
            throw unknownOperation(operation);
        }
      },
      close: () => heap.intoMemory(),
    };
  };
}
