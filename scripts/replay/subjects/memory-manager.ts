/** Memory managers, whose virtual memories are grown and written without a structure in them. */
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { fromHex, unknownOperation, type Header, type Opener } from './subject.js';

export function memoryManagerOpener({ bucketPages }: Header): Opener {
  return ([memory]) => {
    const manager = MemoryManager.init(memory!, { bucketSizeInPages: bucketPages! });
    return {
      apply(operation) {
        const { op, id, pages, offset, v } = operation;
        switch (op) {
          case 'grow':
            return manager.get(id!).grow(pages!);
          case 'write':
            return manager.get(id!).write(offset!, fromHex(v!));
          default:
            throw unknownOperation(operation);
        }
      },
      close: () => manager.intoMemory(),
    };
  };
}
