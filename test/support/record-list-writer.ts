/**
 * A process that is there to be killed: it adds records to a list in a file, and prints the number
 * of each once it has been added. Its argument is the path.
 */
import { writeSync } from 'node:fs';
import { numberOf, openRecordList } from './record-list.js';

const list = openRecordList(process.argv[2]!);
list.drop(); // A kill may have come between the two steps.
const [newest] = list.blocks(1);
for (let number = newest === undefined ? 0 : numberOf(newest) + 1; ; number++) {
  list.add(number);
  list.drop();
  writeSync(1, `${number}\n`);
}
