/**
 * Storing and freeing in a manager all of whose slots are taken, by the number of slots: a thousand
 * messages in random slots are freed, and as many stored, again and again.
 */
import type { MessageManager, MessageToken } from '../../../src/lib/index.js';
import { medianOf, timeOf } from '../measure.js';
import { numberAt } from '../random.js';
import type { Figure } from '../steps.js';
import { messageOf } from './subjects.js';

const SAMPLE = 1_000;

/** The medians of some rounds. The manager is empty at first, and full at the end. */
export function measureSlots(
  manager: MessageManager<Uint8Array>,
  payloadSize: number,
  seed: number,
  rounds: number,
): Figure[] {
  const message = messageOf(payloadSize, 0);
  const tokens = Array.from({ length: manager.capacity }, () => manager.store(message));
  const sample = Math.min(SAMPLE, tokens.length);
  const times = Array.from({ length: rounds }, (_, round) => {
    drawToFront(tokens, sample, seed + round);
    const drawn = tokens.slice(0, sample);
    const free = timeOf(sample, () => drawn.forEach((token) => manager.free(token)));
    const store = timeOf(sample, () => {
      for (let place = 0; place < sample; place++) tokens[place] = manager.store(message);
    });
    return { free, store };
  });
  return [
    { operation: 'store', time: medianOf(times.map(({ store }) => store)) },
    { operation: 'free', time: medianOf(times.map(({ free }) => free)) },
  ];
}

/** So many random ones come to stand first (Fisher and Yates, not to the end). */
function drawToFront(tokens: MessageToken[], count: number, seed: number): void {
  for (let place = 0; place < count; place++) {
    const rest = BigInt(tokens.length - place);
    const drawn = place + Number(numberAt(seed, place) % rest);
    [tokens[place], tokens[drawn]] = [tokens[drawn]!, tokens[place]!];
  }
}
