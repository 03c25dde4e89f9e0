/**
 * Every structure does what the Rust crate did: every result of thousands of operations, and every
 * byte of memory after them. `npm run replay` replays other folders.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { casesIn, replayCase } from '../../scripts/replay/replay-sequence.js';

const FOLDER = fileURLToPath(new URL('../fixtures/sequences', import.meta.url));

/** What the manifest says of a case: its memories by their names. */
interface ManifestCase {
  readonly memories: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const manifest = JSON.parse(readFileSync(`${FOLDER}/MANIFEST.json`, 'utf8')) as {
  cases: Record<string, ManifestCase>;
};

/** Every image in the manifest, by the name of its file. */
const IMAGES = Object.entries(manifest.cases).flatMap(([name, { memories }]) =>
  Object.entries(memories).map(([memory, expected]) => ({
    file: memory === 'memory' ? `${name}.bin.gz` : `${name}.${memory}.bin.gz`,
    ...expected,
  })),
);

describe('a reference sequence', () => {
  test('is there for every structure', () => {
    expect(casesIn(FOLDER)).toEqual(Object.keys(manifest.cases).sort());
    expect(casesIn(FOLDER)).toMatchInlineSnapshot(`
     [
       "btreemap-blob32-blob128",
       "btreemap-bytes-bytes",
       "btreemap-principal-u32",
       "btreemap-string-string",
       "btreemap-tuple-unit",
       "btreemap-tupleblob-bool",
       "btreemap-u64-bigbytes",
       "btreemap-u64-u64",
       "btreemap-v1-to-v2",
       "btreemap-v1-u64-u64",
       "btreeset-string",
       "cell-bytes",
       "log-bytes",
       "managed-mix",
       "memory-manager-1",
       "memory-manager-128",
       "memory-manager-16",
       "minheap-u64",
       "vec-blob40",
       "vec-u64",
     ]
    `);
  });

  test.each(casesIn(FOLDER))('%s gives the results and the bytes of Rust', (name) => {
    expect(replayCase(FOLDER, name)).toMatchObject({ name, result: 'passed' });
  });

  test.each(IMAGES)('$file is the image that the manifest names', ({ file, bytes, sha256 }) => {
    const image = gunzipSync(readFileSync(`${FOLDER}/${file}`));
    expect(image.length).toBe(bytes);
    expect(createHash('sha256').update(image).digest('hex')).toBe(sha256);
  });
});
