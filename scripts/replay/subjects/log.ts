/** Logs, over a memory for the index and one for the data. */
import { Log } from '../../../src/lib/log.js';
import { codecNamed } from '../types.js';
import { read, unknownOperation, type Opener, type Types } from './subject.js';

export function logOpener({ item }: Types): Opener {
  const codec = codecNamed(item!);
  return ([index, data]) => {
    const log = Log.init(index!, data!, codec);
    return {
      apply(operation) {
        const { op, v } = operation;
        switch (op) {
          case 'append':
            return log.append(read(codec, v!));
          case 'len':
            return log.length;
          default:
            throw unknownOperation(operation);
        }
      },
      close: () => log.intoMemories(),
    };
  };
}
