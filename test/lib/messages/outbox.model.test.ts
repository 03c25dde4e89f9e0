/**
 * The outbox against a plain map and a clock that moves on. Answers come late, twice, and to
 * letters that are long gone; the outbox is reopened in between, as by an upgrade.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { u32 } from '../../../src/lib/codecs/index.js';
import type { MessageToken } from '../../../src/lib/messages/message-token.js';
import { Outbox } from '../../../src/lib/messages/outbox.js';
import type { Attempt, Letter } from '../../../src/lib/messages/outbox/letter.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { codeOf } from '../../support/memories.js';
import { checkModel, type ModelRun, type Operation } from '../../support/model.js';

const CAPACITY = 30;
const ATTEMPTS_MAX = 3;
const LEASE = 20n;
const DELAYS = [4n, 8n, 10n];
const OPTIONS = {
  codec: u32,
  capacity: CAPACITY,
  attemptsMax: ATTEMPTS_MAX,
  lease: LEASE,
  retryDelay: 4n,
  retryDelayMax: 10n,
};

const WEIGHTS = {
  enqueue: 40,
  begin: 40,
  wait: 20,
  delivered: 8,
  failed: 20,
  retry: 6,
  discard: 4,
  reopen: 3,
};

type Kind = keyof typeof WEIGHTS;

interface OutboxOperation extends Operation<Kind> {
  readonly number: number;
}

interface Expected {
  readonly payload: number;
  deadline: bigint | undefined;
  state: 'waiting' | 'in-flight' | 'dead';
  dueAt: bigint | undefined;
  attempts: number;
  triesLeft: number;
}

class Run implements ModelRun<OutboxOperation> {
  #outbox = Outbox.init({ messages: new VectorMemory(), schedule: new VectorMemory() }, OPTIONS);
  readonly #model = new Map<MessageToken, Expected>();
  /** Every token and every attempt that there ever was. */
  readonly #tokens: MessageToken[] = [];
  readonly #attempts: Attempt[] = [];
  #now = 1_000n;

  apply({ kind, number }: OutboxOperation): void {
    this[kind](number);
  }

  enqueue(payload: number): void {
    const delay = BigInt(payload % 7);
    const deadline = payload % 5 === 0 ? this.#now + BigInt(payload % 31) : undefined;
    const enqueue = () => this.#outbox.enqueue(payload, { now: this.#now, delay, deadline });
    if (this.#model.size === CAPACITY) return expectSame(codeOf(enqueue), 'NO_FREE_SLOTS');
    const token = enqueue();
    expectSame(this.#tokens.includes(token), false);
    this.#tokens.push(token);
    const dueAt = this.#now + delay;
    const tries = { attempts: 0, triesLeft: ATTEMPTS_MAX };
    this.#model.set(token, { payload, deadline, state: 'waiting', dueAt, ...tries });
  }

  begin(): void {
    const due = this.#expectedToBegin();
    const letter = this.#outbox.begin(this.#now);
    expectSame(letter?.token, due?.[0]);
    if (letter === undefined || due === undefined) return;
    const [, expected] = due;
    expected.state = 'in-flight';
    expected.attempts += 1;
    expected.triesLeft -= 1;
    expected.dueAt = this.#now + LEASE;
    this.#compareLetter(letter, expected);
    this.#attempts.push({ token: letter.token, attempts: letter.attempts });
  }

  wait(number: number): void {
    this.#now += BigInt(number % 12);
  }

  delivered(number: number): void {
    const token = pick(this.#tokens, number);
    if (token === undefined) return;
    expectSame(this.#outbox.delivered(token), this.#model.delete(token));
  }

  failed(number: number): void {
    const attempt = pick(this.#attempts, this.#attempts.length - 1 - (number % 5));
    if (attempt === undefined) return;
    const expected = this.#model.get(attempt.token);
    const counts = expected?.state === 'in-flight' && expected.attempts === attempt.attempts;
    expectSame(this.#outbox.failed(attempt, `reason ${number}`, this.#now), counts);
    if (expected === undefined || !counts) return;
    const failures = ATTEMPTS_MAX - expected.triesLeft;
    const dueAt = this.#now + DELAYS[failures - 1]!;
    const isDead = expected.triesLeft === 0 || isLate(expected.deadline, dueAt);
    Object.assign(expected, isDead ? DEAD : { state: 'waiting', dueAt });
  }

  retry(number: number): void {
    const token = pick(this.#tokens, number);
    if (token === undefined) return;
    const expected = this.#model.get(token);
    const retry = () => this.#outbox.retry(token, this.#now);
    if (expected === undefined) return expectSame(/^(STALE|NOT_A)/.test(codeOf(retry)), true);
    expectSame(retry(), expected.state !== 'in-flight');
    if (expected.state === 'in-flight') return;
    Object.assign(expected, { state: 'waiting', dueAt: this.#now, triesLeft: ATTEMPTS_MAX });
    if (isLate(expected.deadline, this.#now)) expected.deadline = undefined;
  }

  discard(number: number): void {
    const token = pick(this.#tokens, number);
    if (token === undefined) return;
    const discard = () => this.#outbox.discard(token);
    if (this.#model.delete(token)) return discard();
    expectSame(/^(STALE|NOT_A)/.test(codeOf(discard)), true);
  }

  reopen(): void {
    this.#outbox = Outbox.init(this.#outbox.intoMemories(), OPTIONS);
  }

  compare(): void {
    const outbox = this.#outbox;
    expectSame(outbox.checkInvariants(), undefined);
    for (const token of this.#tokens) {
      const [letter, expected] = [outbox.find(token), this.#model.get(token)];
      expectSame(letter === undefined, expected === undefined);
      if (letter !== undefined) this.#compareLetter(letter, expected!);
    }
    const dead = [...this.#model].filter(([, { state }]) => state === 'dead');
    const pending = this.#model.size - dead.length;
    expect([outbox.usage(), outbox.nextDue(), [...deadTokens(outbox)]]).toEqual([
      { capacity: CAPACITY, available: CAPACITY - this.#model.size, pending, dead: dead.length },
      this.#living()[0]?.[1].dueAt,
      dead.map(([token]) => token).sort(compareBigints),
    ]);
  }

  finish(): void {
    for (const token of this.#model.keys()) expectSame(this.#outbox.delivered(token), true);
    this.#model.clear();
    this.compare();
  }

  /** The letter that is tried now; those before it are given up. */
  #expectedToBegin(): [MessageToken, Expected] | undefined {
    for (const [token, expected] of this.#living()) {
      if (expected.dueAt! > this.#now) return undefined;
      const isTooLate = isLate(expected.deadline, this.#now);
      if (!isTooLate && expected.triesLeft > 0) return [token, expected];
      Object.assign(expected, DEAD);
    }
    return undefined;
  }

  /** All that are not dead, as they are due; those of one moment by their tokens. */
  #living(): [MessageToken, Expected][] {
    return [...this.#model]
      .filter(([, { state }]) => state !== 'dead')
      .sort(
        ([a, { dueAt: x }], [b, { dueAt: y }]) => compareBigints(x!, y!) || compareBigints(a, b),
      );
  }

  #compareLetter(letter: Letter<number>, expected: Expected): void {
    expectSame(letter.payload, expected.payload);
    expectSame(letter.state, expected.state);
    expectSame(letter.dueAt, expected.dueAt);
    expectSame(letter.attempts, expected.attempts);
    expectSame(letter.deadline, expected.deadline);
  }
}

const DEAD = { state: 'dead', dueAt: undefined } as const;

function* deadTokens(outbox: Outbox<number>): Generator<MessageToken> {
  for (const { token } of outbox.deadLetters()) yield token;
}

function isLate(deadline: bigint | undefined, moment: bigint): boolean {
  return deadline !== undefined && deadline <= moment;
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

function pick<T>(from: readonly T[], number: number): T | undefined {
  return from[((number % from.length) + from.length) % from.length];
}

/** Cheaper than an `expect` for each value. */
function expectSame(found: unknown, expected: unknown): void {
  if (found !== expected) expect(found).toBe(expected);
}

test('an outbox is its model after every operation', () => {
  checkModel<Kind, OutboxOperation>(
    WEIGHTS,
    (kind) => fc.record({ kind, number: fc.nat(10_000) }),
    () => new Run(),
  );
});
