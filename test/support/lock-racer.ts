/**
 * One of several processes that reach for the same locks at once. Its arguments are their paths; it
 * says that it is there, waits for a line, takes the locks that it can, and prints which.
 */
import { once } from 'node:events';
import { acquireLockFile } from '../../src/lib/host/lock-file.js';

const paths = process.argv.slice(2);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const won = paths.filter((path) => {
  try {
    acquireLockFile(path);
    return true;
  } catch {
    return false;
  }
});
process.stdout.write(`${JSON.stringify(won)}\n`);
// Until the others are done: a lock of a process that has ended is free for all.
await once(process.stdin, 'data');
process.exit(0);
