/**
 * A record against a plain object; see `test/support/heap-model.ts` for what is done besides.
 *
 * Source: house style rule 24; section 6.2 of `specs/ic-stable-memory.md`.
 */
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { text, u16 } from '../../src/lib/codecs/index.js';
import { SRecord } from '../../src/lib/s-record.js';
import { SVec } from '../../src/lib/s-vec.js';
import { checkHeapModel, ROOMS } from '../support/heap-model.js';
import type { Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const AUTHOR = SRecord.of({ name: text, age: u16, posts: SVec.of(text) });
const ADA = { name: 'ada', age: 36, posts: ['Notes'] };

type Author = ReturnType<typeof AUTHOR.view>;

const WEIGHTS = { rename: 30, grow: 10, post: 30, replace: 20, move: 20, upgrade: 5 };

interface AuthorOperation extends Operation<keyof typeof WEIGHTS> {
  readonly word: string;
}

interface PlainAuthor {
  name: string;
  age: number;
  posts: readonly string[];
}

function act(author: Author, { kind, word }: AuthorOperation): unknown {
  if (kind === 'rename') return author.set('name', word);
  if (kind === 'grow') return author.update('age', (age) => (age + 1) % 100);
  if (kind === 'post') return author.get('posts').push(word);
  if (kind === 'replace') return author.set('posts', [word, word]);
  const posts = author.detach('posts', []);
  return author.attach('posts', posts);
}

function expected(author: PlainAuthor, { kind, word }: AuthorOperation): unknown {
  const { name, posts } = author;
  if (kind === 'rename') author.name = word;
  if (kind === 'grow') return (author.age = (author.age + 1) % 100);
  if (kind === 'post') author.posts = [...posts, word];
  if (kind === 'replace') author.posts = [word, word];
  return { rename: name, replace: posts }[kind as string];
}

test.each(ROOMS)('a record in %s is its model after every operation', (_, room) => {
  checkHeapModel<keyof typeof WEIGHTS, AuthorOperation, PlainAuthor, Author, PlainAuthor>(
    {
      type: AUTHOR,
      initial: ADA,
      weights: WEIGHTS,
      operationOf: (kind) =>
        fc.record({ kind, word: fc.nat(400).map((length) => 'x'.repeat(length)) }),
      start: () => ({ ...ADA }),
      act,
      expected,
      compare: (author, model) => expectSame(author.toPlain(), model),
    },
    room,
  );
});
