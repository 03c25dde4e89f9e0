/** Ordered sets. */
import { BTreeSet } from '../../../src/lib/btree-set.js';
import { codecNamed } from '../types.js';
import { read, unknownOperation, type Opener, type Types } from './subject.js';

export function btreeSetOpener({ key }: Types): Opener {
  const keys = codecNamed(key!);
  return ([memory]) => {
    const set = BTreeSet.init(memory!, keys);
    return {
      apply(operation) {
        const { op, k } = operation;
        switch (op) {
          case 'insert':
            return set.insert(read(keys, k!));
          case 'remove':
            return set.remove(read(keys, k!));
          case 'len':
            return set.length;
          default:
            throw unknownOperation(operation);
        }
      },
      close: () => set.intoMemory(),
    };
  };
}
