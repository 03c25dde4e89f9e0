/**
 * What the queues of tokens cost, in one thread, by the number of tokens that lie in them. A push
 * looks at the header of its message, which is on the heap here.
 */
import {
  HeapMessageManager,
  SharedTokenQueue,
  TokenQueue,
  VectorMemory,
  type MessageToken,
} from '../../../src/lib/index.js';
import { timeOf } from '../measure.js';
import { mediansOf, type Figure } from '../steps.js';
import { assertCount, messageOf } from './subjects.js';

const SAMPLE = 1_000;
const PAYLOAD_SIZE = 64;

/** Both ends of a queue. */
interface Queue {
  push(token: MessageToken): { readonly isAdmitted: boolean };
  pop(): { readonly token: MessageToken } | undefined;
}

const messages = HeapMessageManager.create<Uint8Array>({ capacity: SAMPLE });

/** Makes an empty queue for so many tokens, by its name in the table. */
export const QUEUES: Readonly<Record<string, (maxCount: number) => Queue>> = {
  TokenQueue(maxCount) {
    const queue = TokenQueue.create(new VectorMemory(), { maxCount });
    return { push: (token) => queue.push(token, messages), pop: () => queue.pop() };
  },
  SharedTokenQueue(maxCount) {
    const queue = SharedTokenQueue.create({ maxCount });
    const [producer, consumer] = [queue.producer(), queue.consumer()];
    return { push: (token) => producer.push(token, messages), pop: () => consumer.pop() };
  },
};

/** The medians of some rounds, in each of which a thousand tokens are pushed and as many popped. */
export function measureQueue(
  makeQueue: (maxCount: number) => Queue,
  length: number,
  rounds: number,
): Figure[] {
  messages.clear();
  const tokens = Array.from({ length: SAMPLE }, (_, number) =>
    messages.store(messageOf(PAYLOAD_SIZE, number)),
  );
  const queue = makeQueue(length + SAMPLE);
  for (let place = 0; place < length; place++) queue.push(tokens[place % SAMPLE]!);
  const measured = Array.from({ length: rounds }, (): Figure[] => {
    let count = 0;
    const push = timeOf(SAMPLE, () => {
      for (const token of tokens) if (queue.push(token).isAdmitted) count += 1;
    });
    const pop = timeOf(SAMPLE, () => {
      for (let popped = 0; popped < SAMPLE; popped++) if (queue.pop() !== undefined) count -= 1;
    });
    assertCount('tokens on top', count, 0);
    return [
      { operation: 'push', time: push },
      { operation: 'pop', time: pop },
    ];
  });
  return mediansOf(measured);
}
