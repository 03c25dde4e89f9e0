import { expect, test } from '@jest/globals';
import { fieldsOf } from '../../../src/lib/codecs/record-field.js';
import { optional } from '../../../src/lib/codecs/optional.js';
import { reserved } from '../../../src/lib/codecs/reserved.js';
import { text } from '../../../src/lib/codecs/text.js';
import { u64 } from '../../../src/lib/codecs/unsigned.js';

test('a field knows its number, its size, and what comes before its values', () => {
  const [joined, bio] = fieldsOf({ joined: u64, nickname: reserved, bio: optional(text) });
  expect(joined).toMatchObject({ number: 1, size: 8, isOptional: false, header: 0x0181 });
  expect(bio).toMatchObject({ number: 3, size: -1, isOptional: true, codec: text });
  expect(bio).toMatchObject({ header: 0x03c6, longHeader: 0x03e6 });
});
