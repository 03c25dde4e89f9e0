/** The works on an outbox: letters come in, are begun in the order of their moments, and arrive. */
import type { MessageToken, Outbox } from '../../../../src/lib/index.js';
import { assertAlike, assertSame } from '../checks.js';
import { measured } from '../measuring.js';
import { payloadOf } from './contents.js';
import type { MessageRequest, OutboxWork } from './plan.js';

export class OutboxWorks {
  /** What the last letters were begun as. */
  #begun: readonly MessageToken[] = [];

  constructor(readonly outbox: Outbox<Uint8Array>) {}

  /** Does what is asked for, checks it, and returns the instructions of all operations together. */
  carryOut({ work, numbers }: MessageRequest<OutboxWork>): bigint {
    return this.#works[work](Array.from(numbers));
  }

  readonly #works: Readonly<Record<OutboxWork, (moments: readonly bigint[]) => bigint>> = {
    enqueue: (moments) => {
      const { outbox } = this;
      const expected = outbox.usage().pending + moments.length;
      const payloads = moments.map(payloadOf);
      const { instructions } = measured(moments, (now, index) =>
        outbox.enqueue(payloads[index]!, { now }),
      );
      assertSame('letters', outbox.usage().pending, expected);
      return instructions;
    },

    begin: (moments) => {
      const { outbox } = this;
      const { answers, instructions } = measured(moments, (now) => outbox.begin(now)!);
      assertAlike(
        'attempts',
        answers.map(({ attempts }) => attempts),
        moments.map(() => 1),
      );
      this.#begun = answers.map(({ token }) => token);
      return instructions;
    },

    delivered: () => {
      const { outbox } = this;
      const expected = outbox.usage().pending - this.#begun.length;
      const { instructions } = measured(this.#begun, (token) => outbox.delivered(token));
      assertSame('letters', outbox.usage().pending, expected);
      return instructions;
    },
  };
}
