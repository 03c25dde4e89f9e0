/**
 * What each operation of a manager costs, on messages that are asked for in an order that has
 * nothing to do with their slots.
 */
import type { Message, MessageManager, MessageToken, WriteGuard } from '../../../src/lib/index.js';
import { timeOf } from '../measure.js';
import { shuffled } from '../random.js';
import { mediansOf, type Figure, type Step } from '../steps.js';
import { assertAllFree, assertCount, messageOf, payloadOf, type OpenManager } from './subjects.js';

type Manager = MessageManager<Uint8Array>;

/** What is done to each message that was stored. */
type Operation = (manager: Manager, token: MessageToken) => void;

/** A manager is filled, and then this is done to each message; what is last takes it out again. */
interface Filling {
  readonly store: string;
  readonly operations: Readonly<Record<string, Operation>>;
}

export const FILLINGS: readonly Filling[] = [
  {
    store: 'store, in slots never used',
    operations: {
      'read, with the payload': (manager, token) => {
        const guard = manager.read(token);
        assertCount('bytes', guard.payload.length, guard.header.payloadSize);
        guard.release();
      },
      'peekHeader, with the header': (manager, token) => {
        const guard = manager.peekHeader(token);
        if (guard.header.payloadSize === 0) throw new Error('lost a payload');
        guard.release();
      },
      'withWrite, another payload': (manager, token) => manager.withWrite(token, edit),
      free: (manager, token) => manager.free(token),
    },
  },
  {
    store: 'store, in slots used before',
    operations: { take: (manager, token) => void manager.take(token) },
  },
];

/** The median of some rounds for each operation, each round with a manager of its own. */
export function measureManager(
  open: OpenManager,
  payloadSize: number,
  count: number,
  seed: number,
  rounds: number,
): Figure[] {
  const messages = Array.from({ length: count }, (_, number) => messageOf(payloadSize, number));
  const measured = Array.from({ length: rounds }, (_, round) => {
    const manager = open(count, payloadSize);
    const steps = stepsOf(manager, messages, seed + round);
    const figures = Array.from(steps, ([operation, work]): Figure => {
      return { operation, time: timeOf(count, work) };
    });
    assertAllFree(manager);
    return figures;
  });
  return mediansOf(measured);
}

/**
 * Stores the messages and takes them out again, twice, in random order: each step is to be done
 * before the next one is asked for.
 */
export function* stepsOf(
  manager: Manager,
  messages: readonly Message<Uint8Array>[],
  seed: number,
): Generator<Step> {
  for (const { store, operations } of FILLINGS) {
    let tokens: MessageToken[] = [];
    yield [
      store,
      () => {
        tokens = messages.map((message) => manager.store(message));
      },
    ];
    const others = shuffled(seed, tokens);
    for (const [name, operation] of Object.entries(operations)) {
      yield [name, () => others.forEach((token) => operation(manager, token))];
    }
  }
}

/** What the payload was is not asked for. */
function edit(guard: WriteGuard<Uint8Array>): void {
  guard.payload = payloadOf(guard.header.payloadSize);
}
