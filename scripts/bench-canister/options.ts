/** What `npm run bench:canister` can be told. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SUBJECTS, type Subject } from './figures.js';

export const USAGE = `usage: npm run bench:canister -- [options]

  --entries NUMBERS  sizes of the maps, such as 1000,10000; by default 1000,10000,100000.
                     So many blocks are live in the heaps, and so many messages are stored, by
                     default 1000,100000,1000000, and no structure in a heap has more entries than
                     the largest of them
  --quick            the same as --entries 10000
  --subjects NAMES   some of ours,azle-json,azle-raw,heap,messages
  --json FILE        write the figures
  --svg FILE         write the chart; by default to docs/bench-canister.svg if all was measured
  --help             show this`;

export interface Options {
  readonly entries: readonly number[];
  /** Live blocks of the heaps, and messages. */
  readonly blocks: readonly number[];
  readonly subjects: readonly Subject[];
  readonly json: string | undefined;
  readonly svg: string | undefined;
}

const ALL_SIZES = [1_000, 10_000, 100_000];
const ALL_BLOCKS = [1_000, 100_000, 1_000_000];
const QUICK_SIZES = [10_000];
const CHART = fileURLToPath(new URL('../../docs/bench-canister.svg', import.meta.url));

/** The works touch a tenth of the entries and scan a hundred from the middle on. */
const ENTRIES_MIN = 200;

/** Throws where an option is none; `undefined` where help is asked for. */
export function optionsOf(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      entries: { type: 'string' },
      subjects: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      svg: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const isWhole = !values.quick && (values.entries ?? values.subjects) === undefined;
  const told = values.entries?.split(',').map(sizeOf) ?? (values.quick ? QUICK_SIZES : undefined);
  return {
    entries: told ?? ALL_SIZES,
    blocks: told ?? ALL_BLOCKS,
    subjects: values.subjects?.split(',').map(subjectOf) ?? SUBJECTS,
    json: values.json,
    svg: values.svg ?? (isWhole ? CHART : undefined),
  };
}

function subjectOf(name: string): Subject {
  const subject = SUBJECTS.find((each) => each === name);
  if (subject !== undefined) return subject;
  throw new RangeError(`--subjects: expected some of ${SUBJECTS.join()}, got ${name}`);
}

function sizeOf(text: string): number {
  const size = Number(text);
  if (Number.isSafeInteger(size) && size >= ENTRIES_MIN) return size;
  throw new RangeError(`--entries: expected whole numbers from ${ENTRIES_MIN} on, got ${text}`);
}
