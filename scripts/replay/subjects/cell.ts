/** Single values. */
import { Cell } from '../../../src/lib/cell.js';
import { encodeChecked } from '../../../src/lib/codec.js';
import { codecNamed } from '../types.js';
import { fromHex, unknownOperation, type Opener, type Operation, type Types } from './subject.js';

export function cellOpener({ value, default: defaultHex }: Types): Opener {
  const codec = codecNamed(value!);
  return ([memory]) => {
    const cell = Cell.init(memory!, codec, codec.decode(fromHex(defaultHex!)));
    return {
      apply(operation) {
        if (operation.op !== 'set') throw unknownOperation(operation);
        const old = encodeChecked(codec, cell.set(codec.decode(newBytes(operation))));
        return 'oldLen' in operation ? old.length : Buffer.from(old).toString('hex');
      },
      close: () => cell.intoMemory(),
    };
  };
}

/** Long values are written down as one byte, many times. */
function newBytes({ v, fill, n }: Operation): Uint8Array {
  return v === undefined ? new Uint8Array(n!).fill(fill!) : fromHex(v);
}
