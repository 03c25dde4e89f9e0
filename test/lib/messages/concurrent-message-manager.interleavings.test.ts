/**
 * What threads do to a store at the same time, in every order of their steps, and with a death
 * before each: no slot is lost, none is given twice, and nobody reads what is half written.
 */
import { expect, test } from '@jest/globals';
import { StorageError } from '../../../src/lib/errors.js';
import { AtomicMemory, lowOf, wordOf } from '../../../src/lib/messages/concurrent/atomic-memory.js';
import { Bell } from '../../../src/lib/messages/concurrent/bell.js';
import { bury } from '../../../src/lib/messages/concurrent/burial.js';
import {
  createBuffer,
  FREE_TOP_OFFSET,
  seatAddress,
  SlotPlaces,
} from '../../../src/lib/messages/concurrent/layout.js';
import {
  FREE,
  generationOf,
  hasMessage,
  kindOf,
  lockOf,
  POISONED,
} from '../../../src/lib/messages/concurrent/lock-word.js';
import { Seats } from '../../../src/lib/messages/concurrent/seats.js';
import { SharedSlots } from '../../../src/lib/messages/concurrent/shared-slots.js';
import { unsound } from '../../../src/lib/messages/concurrent/soundness.js';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import {
  GENERATION_MAX,
  tokenOf,
  type MessageToken,
} from '../../../src/lib/messages/message-token.js';
import { DIED, inEveryOrder, Steps, type Thread } from '../../support/every-order.js';
import { IS_SLOW } from '../../support/model.js';
import { SteppedMemory } from '../../support/stepped-memory.js';

Error.stackTraceLimit = 0; // Refusals are made by the thousand.

/** Of the message that is there at the start, or of the first that is stored. */
const FIRST = tokenOf(0, 1);

const HEADER_SIZE = 56;
const PAYLOAD_SIZE = 8;
const PAYLOAD_SIZE_OFFSET = 32;

/** A message that is one letter throughout. */
function messageOf(letter: string): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE + PAYLOAD_SIZE).fill(letter.charCodeAt(0));
  bytes.set([PAYLOAD_SIZE, 0, 0, 0], PAYLOAD_SIZE_OFFSET);
  return bytes;
}

/** The letter of a message, or that it is made of several. */
function letterOf(bytes: Uint8Array): string {
  const letter = String.fromCharCode(bytes[0]!);
  const isWhole = messageOf(letter).every((byte, index) => byte === bytes[index]);
  return isWhole ? letter : 'a broken message';
}

/** A thread over the memory that it is given. */
type Actor = Omit<Thread, 'run'> & { readonly run: (memory: AtomicMemory) => string };

/** A store with some messages, at the start of a run. */
class World {
  readonly shape;
  readonly places;
  readonly buffer;
  readonly memory;
  readonly tokens: MessageToken[];
  readonly seats: readonly number[];

  constructor(
    readonly capacity: number,
    letters: string,
  ) {
    this.shape = { capacity, payloadSizeMax: PAYLOAD_SIZE, memoryClass: MemoryClass.host };
    this.places = new SlotPlaces(this.shape);
    this.buffer = createBuffer(this.shape);
    this.memory = new AtomicMemory(this.buffer);
    const seats = new Seats(this.memory);
    this.seats = Array.from({ length: 4 }, () => seats.invite());
    for (const seat of this.seats) seats.take(seat);
    const slots = this.slotsOf(this.memory, 0);
    slots.fill();
    this.tokens = [...letters].map((letter) => slots.put(messageOf(letter)));
  }

  /** Runs threads in every order. Returns the number of ends. */
  explore(actors: readonly Actor[], check: (outcomes: readonly string[]) => void): number {
    const steps = new Steps();
    const memory = new SteppedMemory(this.buffer, steps);
    const threads = actors.map((actor) => ({ ...actor, run: () => actor.run(memory) }));
    return inEveryOrder(this.buffer, steps, threads, check);
  }

  slotsOf(memory: AtomicMemory, seat: number): SharedSlots {
    return new SharedSlots(memory, this.places, new Bell(this.buffer, seat), seat);
  }
}

/** What a thread does, with what it is allowed to see. */
interface Task {
  readonly slots: SharedSlots;
  readonly token: MessageToken;
  readonly look: (index: number) => string;
}
type Program = (task: Task) => string;

const A = 'a';
const NEW = 'n';
const EDIT = 'e';

/** What programs do to the message "a", or to slots that are free. Each tells what came of it. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  store: ({ slots }) => `+${slots.put(messageOf(NEW))}`,
  storeAndFree({ slots }) {
    const token = slots.put(messageOf(NEW));
    try {
      slots.release(token, 'free');
      return 'stored and freed';
    } catch (error) {
      return refusalOf(error, `+${token}`);
    }
  },
  read({ slots, token, look }) {
    const index = slots.share(token, 'read');
    const letter = look(index);
    slots.letGo(index);
    return letter;
  },
  write({ slots, token }) {
    const index = slots.own(token, 'readMut');
    slots.replace(index, messageOf(EDIT));
    slots.letGo(index);
    return 'written';
  },
  free({ slots, token }) {
    slots.release(token, 'free');
    return '-';
  },
  take({ slots, token, look }) {
    const index = slots.hold(token, 'take');
    const letter = look(index);
    slots.vacate(index);
    return `-${letter}`;
  },
  freeAndStore({ slots, token }) {
    slots.release(token, 'free');
    try {
      return `-+${slots.put(messageOf(NEW))}`;
    } catch (error) {
      return refusalOf(error, '-');
    }
  },
  clear({ slots }) {
    slots.clear();
    return 'cleared';
  },
};

function refusalOf(error: unknown, before = ''): string {
  if (error instanceof StorageError) return `${before}${error.code}`;
  throw error;
}

const NAMES = Object.keys(PROGRAMS);

/** A program as a thread: a refusal is an outcome like others. */
function threadOf(world: World, name: string, seat: number, token = FIRST) {
  return (memory: AtomicMemory): string => {
    const slots = world.slotsOf(memory, seat);
    const look = (index: number) =>
      letterOf(memory.copy(world.places.messageOf(index), HEADER_SIZE + PAYLOAD_SIZE));
    try {
      return PROGRAMS[name]!({ slots, token, look });
    } catch (error) {
      return refusalOf(error);
    }
  };
}

/** Gives back what a dead thread held. */
function funeralOf(world: World, dead: number, seat: number) {
  return (memory: AtomicMemory): string => `${world.slotsOf(memory, seat).bury(dead)} poisoned`;
}

/** As {@link funeralOf}, with the seat and what its thread was burying itself. */
function burialOf(world: World, dead: number, seat: number) {
  return (memory: AtomicMemory): string =>
    `${bury(new Seats(memory), world.slotsOf(memory, seat), world.seats[dead]!, seat)} poisoned`;
}

function isGiven({ memory }: World, seat: number): boolean {
  return (lowOf(memory.load(seatAddress(seat))) & 3) !== 0;
}

/** The letters of all messages at the end; `?` for a poisoned one. */
function lettersOf({ capacity, places, memory }: World, slots: SharedSlots): Map<bigint, string> {
  const letters = new Map<bigint, string>();
  for (let index = 0; index < capacity; index++) {
    const lock = slots.lockAt(index);
    if (!hasMessage(lock)) continue;
    const bytes = memory.copy(places.messageOf(index), HEADER_SIZE + PAYLOAD_SIZE);
    const letter = kindOf(lock) === POISONED ? '?' : letterOf(bytes);
    letters.set(tokenOf(index, generationOf(lock)), letter);
  }
  return letters;
}

/** What must be so wherever all have ended. Returns what is wrong, or nothing. */
function problemOf(world: World, names: readonly string[], outcomes: readonly string[]): string {
  const slots = world.slotsOf(world.memory, 0);
  const unsoundness = unsound(world.memory, world.places, slots);
  if (unsoundness !== undefined) return unsoundness;
  const letters = lettersOf(world, slots);
  const text = outcomes.join();
  if (/broken|CORRUPTED/.test(text) || [...letters.values()].join('').includes('broken')) {
    return 'somebody saw a broken message';
  }
  const given = outcomes.flatMap((outcome) => /\+(\d+)/.exec(outcome)?.[1] ?? []);
  if (new Set(given).size < given.length) return 'a token was given twice';
  const freed = outcomes.filter((outcome) => outcome.startsWith('-')).length;
  if (freed > 1) return 'a message was freed twice';
  const isCleared = names.includes('clear');
  // Others may have freed the first message, also one that died over it.
  const isEnded = (token: bigint) => token === FIRST && (freed > 0 || text.includes(DIED));
  const kept = given.map(BigInt).filter((token) => !isEnded(token) && !isCleared);
  if (kept.some((token) => !letters.has(token))) return 'a message is lost';
  if (freed === 1 && letters.has(FIRST)) return 'a message was freed and is there';
  const isPoisoned = [...letters.values()].includes('?');
  const diedWriting = outcomes.some(
    (outcome, place) => outcome === DIED && names[place] === 'write',
  );
  if (isPoisoned && !diedWriting) return 'a message is poisoned, and nobody died while he wrote';
  if (text.includes(DIED) || isCleared) return '';
  const live = world.tokens.length + given.length - freed;
  return letters.size === live ? '' : `${letters.size} messages where ${live} should be`;
}

/** What is wrong wherever these programs end, the first of which may die. */
function run(world: World, names: readonly string[], mortals = 0): string[] {
  const problems = new Set<string>();
  const initial = world.memory.bytes.slice();
  const threads = names.map((name, seat) => ({
    run: threadOf(world, name, seat),
    isMortal: seat < mortals,
  }));
  const burials = names.slice(0, mortals).map((_, dead) => ({
    run: funeralOf(world, dead, names.length + dead),
    after: dead,
  }));
  world.explore([...threads, ...burials], (outcomes) => {
    const problem = problemOf(world, names, outcomes);
    if (problem !== '') problems.add(`${problem}: ${names.join()} came to ${outcomes.join()}`);
  });
  world.memory.bytes.set(initial);
  return [...problems];
}

const ONE_TAKEN = ['one slot, taken', 1, A] as const;
const ONE_OF_TWO = ['two slots, one taken', 2, A] as const;
const TWO_TAKEN = ['two slots, both taken', 2, 'ab'] as const;
const ONE_FREE = ['one slot, free', 1, ''] as const;
const WORLDS = [ONE_TAKEN, ONE_FREE, ONE_OF_TWO, TWO_TAKEN];

/** What takes seconds beside some others. */
const LONG = new Set(['freeAndStore', 'clear']);
const SOME = NAMES.filter((name) => !LONG.has(name));

function pairsOf(names: readonly string[]): [string, string][] {
  return names.flatMap((left) => names.map((right): [string, string] => [left, right]));
}

test.each(WORLDS)('any two threads, with %s', (_, capacity, letters) => {
  const world = new World(capacity, letters);
  const pairs = pairsOf(IS_SLOW ? NAMES : SOME).filter(([left, right]) => left <= right);
  const runs = [...pairs, ['clear', 'store'], ['freeAndStore', 'store']].map((pair) =>
    run(world, pair),
  );
  expect(runs.flat()).toEqual([]);
});

test('three threads that free one slot and want it twice', () => {
  const problems = run(new World(1, A), ['free', 'store', 'store']);
  expect(problems).toEqual([]);
});

test.each(IS_SLOW ? WORLDS : [ONE_TAKEN, ONE_FREE, TWO_TAKEN])(
  'a thread that dies, its burial and any other thread, with %s',
  (_, capacity, letters) => {
    const world = new World(capacity, letters);
    const names = SOME.filter((name) => IS_SLOW || name !== 'storeAndFree');
    const runs = pairsOf(names).map((pair) => run(world, pair, 1));
    expect(runs.flat()).toEqual([]);
  },
);

test('a thread that dies while it buries another is buried with all that it had begun', () => {
  for (const name of IS_SLOW ? NAMES : ['store', 'free']) {
    const world = new World(1, name === 'store' ? '' : A);
    const threads: Actor[] = [
      { run: threadOf(world, name, 0), isMortal: true },
      { run: burialOf(world, 0, 1), isMortal: true, after: 0 },
      { run: burialOf(world, 1, 2), after: 1 },
    ];
    const ends = world.explore(threads, (outcomes) => {
      // Where the burier died before it had begun, nobody else knows of it.
      if (outcomes[1] === DIED) burialOf(world, 0, 2)(world.memory);
      expect(problemOf(world, [name, 'bury', 'bury'], outcomes)).toBe('');
      const given = world.seats.filter((_, number) => isGiven(world, number));
      const alive = world.seats.filter((_, number) => outcomes[number] !== DIED);
      expect(given).toEqual(alive);
    });
    expect(ends).toBeGreaterThan(100);
  }
});

test('what is said to be available can be had, wherever a thread has died without a burial', () => {
  for (const name of ['store', 'free', 'storeAndFree']) {
    const world = new World(2, A);
    const ends = world.explore([{ run: threadOf(world, name, 0), isMortal: true }], () => {
      const slots = world.slotsOf(world.memory, 1);
      const { available, live } = slots.usage();
      let stored = 0;
      while (codeOf(() => slots.put(messageOf(NEW))) === 'none') stored += 1;
      expect([stored, live]).toEqual([available, 2 - available]);
      expect(slots.usage().available).toBe(0);
    });
    expect(ends).toBeGreaterThan(5);
  }
});

test('what is said of the slots was true at one moment, also while one is retired', () => {
  const world = new World(1, '');
  world.memory.store(world.places.lockOf(0), lockOf(GENERATION_MAX - 1, FREE));
  world.memory.store(FREE_TOP_OFFSET, wordOf(GENERATION_MAX - 1, 0));
  const said = new Set<string>();
  const watch = (memory: AtomicMemory) => {
    const { available, live, retired } = world.slotsOf(memory, 1).usage();
    return [available, live, retired].join();
  };
  world.explore([{ run: threadOf(world, 'storeAndFree', 0) }, { run: watch }], ([, usage]) => {
    said.add(usage!);
  });
  expect([...said].sort()).toEqual(['0,0,1', '0,1,0', '1,0,0']);
});

/** The code of a refusal, or that there was none. */
function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    return refusalOf(error);
  }
}
