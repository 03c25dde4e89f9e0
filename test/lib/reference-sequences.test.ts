/**
 * The map and the memory manager do what the Rust crate did: every result of thousands of
 * operations, and every byte of memory after them. `npm run replay` replays other folders.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { casesIn, replayCase } from '../../scripts/replay/engine.js';

const FOLDER = fileURLToPath(new URL('../fixtures/sequences', import.meta.url));

/** What the manifest says of a case. */
interface ManifestCase {
  readonly memories: { readonly memory: { readonly sha256: string } };
}

const manifest = JSON.parse(readFileSync(`${FOLDER}/MANIFEST.json`, 'utf8')) as {
  cases: Record<string, ManifestCase>;
};

describe('a reference sequence', () => {
  test('is there for the map and the memory manager', () => {
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
       "memory-manager-1",
       "memory-manager-128",
       "memory-manager-16",
     ]
    `);
  });

  test.each(casesIn(FOLDER))('%s gives the results and the bytes of Rust', (name) => {
    expect(replayCase(FOLDER, name)).toMatchObject({ name, result: 'passed' });
  });

  test.each(Object.entries(manifest.cases))(
    '%s has the image it came with',
    (name, { memories }) => {
      const image = gunzipSync(readFileSync(`${FOLDER}/${name}.bin.gz`));
      expect(createHash('sha256').update(image).digest('hex')).toBe(memories.memory.sha256);
    },
  );
});
