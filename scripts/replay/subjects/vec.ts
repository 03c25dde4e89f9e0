/** Vectors. */
import { Vec } from '../../../src/lib/vec.js';
import { codecNamed } from '../types.js';
import { read, unknownOperation, writeIfAny, type Opener, type Types } from './subject.js';

export function vecOpener({ item }: Types): Opener {
  const codec = codecNamed(item!);
  return ([memory]) => {
    const vec = Vec.init(memory!, codec);
    return {
      apply(operation) {
        const { op, v, i } = operation;
        switch (op) {
          case 'push':
            return vec.push(read(codec, v!));
          case 'pop':
            return writeIfAny(codec, vec.pop());
          case 'set':
            return vec.set(i!, read(codec, v!));
          case 'len':
            return vec.length;
          default:
            throw unknownOperation(operation);
        }
      },
      close: () => vec.intoMemory(),
    };
  };
}
