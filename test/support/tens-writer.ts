/**
 * A process that is there to be killed: it inserts ten entries into a map in each transaction, and
 * prints the number of the transaction once that has returned. Its argument is the path.
 */
import { writeSync } from 'node:fs';
import { openTens } from './tens.js';

const { memory, map } = openTens(process.argv[2]!);
for (let number = map.length / 10; ; number++) {
  memory.transaction(() => {
    for (let index = 0; index < 10; index++) {
      map.insert(10 * number + index, new Uint8Array(number % 50).fill(index));
    }
  });
  writeSync(1, `${number}\n`);
}
