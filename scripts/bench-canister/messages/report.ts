/** The table of messages: what an operation costs by the number of messages. */
import { linesOf, ratio, whole, type Row } from '../../bench/table.js';
import { PAYLOAD_SIZE } from '../canisters/messages/contents.js';
import { MANAGER_WORKS, MAP_WORKS, OUTBOX_WORKS, QUEUE_WORKS } from '../canisters/messages/plan.js';
import { costOf, type Figure } from '../figures.js';
import { messageWorkName, type Holder } from './measure-messages.js';

const MISSING = '—';

const WORKS: Readonly<Record<Holder, readonly string[]>> = {
  StableMessageManager: MANAGER_WORKS,
  TokenQueue: QUEUE_WORKS,
  Outbox: OUTBOX_WORKS,
  'BTreeMap of blobs': MAP_WORKS,
  'BTreeMap of records': MAP_WORKS,
  StableBTreeMap: MAP_WORKS,
};

const WORDS: Readonly<Record<Holder, string>> = {
  StableMessageManager: 'StableMessageManager',
  TokenQueue: 'TokenQueue of as many tokens',
  Outbox: 'Outbox of as many letters',
  'BTreeMap of blobs': 'instead: BTreeMap by a counter, of bytes that are there',
  'BTreeMap of records': 'instead: BTreeMap by a counter, of records',
  StableBTreeMap: "instead: Azle's StableBTreeMap by a counter, with JSON",
};

/** Everything that was measured of the subject `messages`. */
export function messageLines(figures: readonly Figure[], counts: readonly number[]): string[] {
  const head: Row = [
    'instructions an operation, by messages',
    ...counts.map(whole),
    'last / first',
  ];
  const rows = Object.entries(WORKS).flatMap(([holder, works]) => [
    [WORDS[holder as Holder], ...head.slice(1).map(() => '')],
    ...works.map((work) => rowOf(figures, holder as Holder, work, counts)),
  ]);
  return [
    '',
    `messages with payloads of ${PAYLOAD_SIZE} bytes`,
    ...linesOf([head, ...rows]).map((line) => line.trimEnd()),
  ];
}

function rowOf(
  figures: readonly Figure[],
  holder: Holder,
  work: string,
  counts: readonly number[],
): Row {
  const costs = counts.map((count) =>
    costOf(figures, messageWorkName(holder, work, count), 'messages'),
  );
  const [first, last] = [costs[0], costs.at(-1)];
  const compared = first === undefined || last === undefined ? MISSING : ratio(last, first);
  return [
    `  ${work}`,
    ...costs.map((cost) => (cost === undefined ? MISSING : whole(cost))),
    compared,
  ];
}
