/**
 * The bytes of every codec, frozen: what a release wrote, all later ones read. A line that is not
 * what it was is a broken format, never a reason to change the line.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CODEC_VECTORS, codecLines } from '../../support/codec-vectors.js';
import { fromHex } from '../../support/hex.js';

const GOLDEN = new URL('../../golden/codecs.txt', import.meta.url);
const lines = readFileSync(GOLDEN, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

describe('the frozen bytes of the codecs', () => {
  test('are what the codecs write', () => {
    expect(codecLines()).toEqual(lines);
  });

  test('are read as the values that they were made from', () => {
    const hexes = lines.map((line) => line.split('\t')[2]!.replace('0x', ''));
    const vectors = CODEC_VECTORS.flatMap(({ codec, values }) =>
      values.map((value) => ({ codec, value })),
    );
    expect(hexes).toHaveLength(vectors.length);
    vectors.forEach(({ codec, value }, index) => {
      expect(codec.decode(fromHex(hexes[index]!))).toEqual(value);
    });
  });
});
