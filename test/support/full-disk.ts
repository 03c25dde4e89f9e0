/**
 * A process whose files may not become longer than 128 KiB: prints what a storage and a memory at
 * the paths that are its arguments make of it.
 */
import { statSync } from 'node:fs';
import { FileMemory } from '../../src/lib/host/file-memory.js';
import { FileStorage } from '../../src/lib/host/file-storage.js';
import { codeOf } from './memories.js';

const [path, memoryPath] = process.argv.slice(2) as [string, string];
const storage = FileStorage.open(path);
storage.write(0, new Uint8Array(100_000));
const write = codeOf(() => storage.write(90_000, new Uint8Array(200_000)));
const lengthAfterWrite = statSync(path).size;
const setLength = codeOf(() => storage.setLength(300_000));
const lengthAfterSetLength = statSync(path).size;
storage.write(100_000, Uint8Array.of(1));
const goesOn = statSync(path).size;

const memory = FileMemory.open(memoryPath);
const grows = [1, 2, 1, 1].map((pages) => memory.grow(pages));
const pages = statSync(memoryPath).size / 65_536;

process.stdout.write(
  JSON.stringify({
    write,
    lengthAfterWrite,
    setLength,
    lengthAfterSetLength,
    goesOn,
    grows,
    pages,
  }),
);
