/**
 * A process whose files may not become longer than 128 KiB: prints what a storage at the path that
 * is its argument makes of it.
 */
import { statSync } from 'node:fs';
import { FileStorage } from '../../src/lib/host/file-storage.js';
import { codeOf } from './memories.js';

const path = process.argv[2]!;
const storage = FileStorage.open(path);
storage.write(0, new Uint8Array(100_000));
const write = codeOf(() => storage.write(90_000, new Uint8Array(200_000)));
const lengthAfterWrite = statSync(path).size;
const setLength = codeOf(() => storage.setLength(300_000));
const lengthAfterSetLength = statSync(path).size;
storage.write(100_000, Uint8Array.of(1));
const goesOn = statSync(path).size;
process.stdout.write(
  JSON.stringify({ write, lengthAfterWrite, setLength, lengthAfterSetLength, goesOn }),
);
