/**
 * The works on a stable message manager, by the tokens that come with the request. Every answer is
 * checked: the message of slot n was made of the number n.
 */
import {
  messageToken,
  type MessageManager,
  type MessageToken,
  type WriteGuard,
} from '../../../../src/lib/index.js';
import { assertAlike, assertSame } from '../checks.js';
import { measured } from '../measuring.js';
import { messageOf, payloadOf } from './contents.js';
import type { ManagerWork, MessageRequest } from './plan.js';

export class ManagerWorks {
  /** What the last store has given. */
  #stored: readonly MessageToken[] = [];

  constructor(readonly manager: MessageManager<Uint8Array>) {}

  /** Does what is asked for, checks it, and returns the instructions of all operations together. */
  carryOut({ work, numbers }: MessageRequest<ManagerWork>): bigint {
    return this.#works[work](Array.from(numbers, messageToken));
  }

  readonly #works: Readonly<Record<ManagerWork, (tokens: readonly MessageToken[]) => bigint>> = {
    'read, with the payload': (tokens) => {
      const { manager } = this;
      const { answers, instructions } = measured(tokens, (token) => {
        const guard = manager.read(token);
        const { payload } = guard;
        guard.release();
        return payload;
      });
      assertAlike('payload', answers, tokens.map(numberOf).map(payloadOf));
      return instructions;
    },

    'peekHeader, with the header': (tokens) => {
      const { manager } = this;
      const { answers, instructions } = measured(tokens, (token) => {
        const guard = manager.peekHeader(token);
        const { traceId } = guard.header;
        guard.release();
        return traceId;
      });
      assertAlike('trace id', answers, tokens.map(numberOf));
      return instructions;
    },

    'withWrite, another payload': (tokens) => {
      const { manager } = this;
      const other = payloadOf(255n);
      const edit = (guard: WriteGuard<Uint8Array>): void => {
        guard.payload = other;
      };
      const { instructions } = measured(tokens, (token) => manager.withWrite(token, edit));
      for (const token of tokens) {
        manager.withRead(token, ({ payload }) => assertSame('payload', payload, other));
      }
      return instructions;
    },

    free: (tokens) => {
      const { manager } = this;
      const expected = manager.available + tokens.length;
      const { instructions } = measured(tokens, (token) => manager.free(token));
      assertSame('free slots', manager.available, expected);
      return instructions;
    },

    'store, in a slot used before': (tokens) => this.#store(tokens),

    'store, in a slot never used': (tokens) => this.#store(tokens),

    take: () => {
      const { manager } = this;
      const { answers, instructions } = measured(this.#stored, (token) => manager.take(token));
      const numbers = answers.map(({ header }) => header.traceId);
      assertAlike(
        'trace id',
        numbers,
        this.#stored.map((_, place) => BigInt(place)),
      );
      return instructions;
    },
  };

  #store(tokens: readonly MessageToken[]): bigint {
    const { manager } = this;
    const expected = manager.available - tokens.length;
    const messages = tokens.map((_, place) => messageOf(BigInt(place)));
    const { answers, instructions } = measured(messages, (message) => manager.store(message));
    assertSame('free slots', manager.available, expected);
    this.#stored = answers;
    return instructions;
  }
}

/** What the message was made of when the manager was filled. */
function numberOf(token: MessageToken): bigint {
  return token & 0xffff_ffffn;
}
