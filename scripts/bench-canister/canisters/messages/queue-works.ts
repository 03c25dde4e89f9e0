/** The works on a queue of tokens, whose messages are in a manager. */
import {
  messageToken,
  type HeaderStore,
  type MessageToken,
  type TokenQueue,
} from '../../../../src/lib/index.js';
import { assertSame } from '../checks.js';
import { measured } from '../measuring.js';
import type { MessageRequest, QueueWork } from './plan.js';

export class QueueWorks {
  constructor(
    readonly queue: TokenQueue,
    readonly headers: HeaderStore,
  ) {}

  /** Does what is asked for, checks it, and returns the instructions of all operations together. */
  carryOut({ work, numbers }: MessageRequest<QueueWork>): bigint {
    return this.#works[work](Array.from(numbers, messageToken));
  }

  readonly #works: Readonly<Record<QueueWork, (tokens: readonly MessageToken[]) => bigint>> = {
    push: (tokens) => {
      const { queue, headers } = this;
      const expected = queue.length + tokens.length;
      const { instructions } = measured(tokens, (token) => queue.push(token, headers));
      assertSame('length of the queue', queue.length, expected);
      return instructions;
    },

    pop: (tokens) => {
      const { queue } = this;
      const expected = queue.length - tokens.length;
      const { answers, instructions } = measured(tokens, () => queue.pop());
      assertSame('tokens', answers.filter((popped) => popped !== undefined).length, tokens.length);
      assertSame('length of the queue', queue.length, expected);
      return instructions;
    },
  };
}
