/**
 * The queue of tokens against an array, with the messages in a manager: counts, bytes, evictions
 * and marks after every operation, and now and then an upgrade.
 *
 * Source: house style rule 24.
 */
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AdmissionOptions } from '../../../src/lib/messages/admission.js';
import { HeapMessageManager } from '../../../src/lib/messages/heap-message-manager.js';
import { QUALITIES_OF_SERVICE } from '../../../src/lib/messages/message-header.js';
import type { HeaderFields } from '../../../src/lib/messages/message-header.js';
import type { MessageToken } from '../../../src/lib/messages/message-token.js';
import { receive, send } from '../../../src/lib/messages/token-delivery.js';
import { TokenQueue } from '../../../src/lib/messages/token-queue.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { checkModel, type ModelRun, type Operation } from '../../support/model.js';
import { sized } from '../../support/token-queues.js';
import { expectSame } from '../../support/vec-model.js';

const WEIGHTS = {
  send: 60,
  push: 30,
  receive: 35,
  pop: 15,
  popBatch: 5,
  edit: 15,
  free: 5,
  reopen: 5,
};

type Kind = keyof typeof WEIGHTS;

interface QueueOperation extends Operation<Kind> {
  readonly size: number;
  readonly fields: HeaderFields;
  readonly number: number;
}

interface Entry {
  readonly token: MessageToken;
  readonly size: number;
  readonly deadline: bigint | undefined;
  /** Whether its message is still there. */
  isFreed: boolean;
}

const CAPACITY = 12;
const NOW = 50n;

class Run implements ModelRun<QueueOperation> {
  readonly #limits: AdmissionOptions;
  readonly #messages = HeapMessageManager.create<Uint8Array>({ capacity: CAPACITY });
  #queue: TokenQueue;
  #model: Entry[] = [];

  constructor(limits: AdmissionOptions) {
    this.#limits = limits;
    const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
    this.#queue = TokenQueue.init(manager.get(0), limits);
  }

  apply({ kind, size, fields, number }: QueueOperation): void {
    const oldest = this.#model[number % Math.max(this.#model.length, 1)];
    if (kind === 'send') this.#send(size, fields);
    else if (kind === 'push') this.#push(size, fields);
    else if (kind === 'receive') this.#receive(number % 3 === 0);
    else if (kind === 'pop') this.#pop(1);
    else if (kind === 'popBatch') this.#pop(number % 5);
    else if (kind === 'reopen') this.#reopen();
    else if (oldest === undefined || oldest.isFreed) return;
    else if (kind === 'edit') this.#edit(oldest.token, size);
    else this.#free(oldest);
  }

  compare(): void {
    const [queue, model] = [this.#queue, this.#model];
    const bytes = this.#bytes();
    const { mark } = queue.occupancy();
    expectSame(queue.checkInvariants(), undefined);
    expectSame(
      Array.from(queue, ({ token, payloadSize }) => [token, payloadSize]),
      model.map(({ token, size }) => [token, size]),
    );
    expectSame([queue.length, queue.bytes, mark], [model.length, bytes, this.#mark()]);
    const live = model.filter(({ isFreed }) => !isFreed).map(({ token }) => token);
    expectSame([...this.#messages.tokens()].sort(), live.sort());
    expectSame(this.#messages.borrowed, 0);
  }

  finish(): void {
    while (this.#model.length > 0) this.#receive(false);
    this.compare();
    expectSame(this.#messages.available, CAPACITY);
  }

  #send(size: number, fields: HeaderFields): void {
    const expected = this.#admit(size, fields);
    const evicted = expected.evicted.map(({ token }) => token);
    const gone = expected.evicted.filter(({ isFreed }) => !isFreed).length;
    if (expected.reason === undefined && this.#messages.available + gone === 0) return;
    const answer = send(this.#queue, this.#messages, sized(size, fields), { now: NOW });
    expectSame([answer.refusal?.reason, answer.evicted], [expected.reason, evicted]);
    expectSame(answer.isAdmitted, expected.reason === undefined);
    this.#note(answer.token, size, fields, evicted.length);
  }

  #push(size: number, fields: HeaderFields): void {
    if (this.#messages.available === 0) return;
    const expected = this.#admit(size, fields);
    const token = this.#messages.store(sized(size, fields));
    const answer = this.#queue.push(token, this.#messages, NOW);
    expectSame(answer.refusal?.reason, expected.reason);
    expectSame(
      answer.evicted,
      expected.evicted.map((each) => each.token),
    );
    for (const each of expected.evicted) if (!each.isFreed) this.#messages.free(each.token);
    if (answer.isAdmitted) this.#note(token, size, fields, expected.evicted.length);
    else this.#messages.free(token);
  }

  #note(
    token: MessageToken | undefined,
    size: number,
    fields: HeaderFields,
    evicted: number,
  ): void {
    this.#model.splice(0, evicted);
    if (token === undefined) return;
    this.#model.push({ token, size, deadline: fields.deadline, isFreed: false });
  }

  #receive(fails: boolean): void {
    const first = this.#model.findIndex(({ isFreed }) => !isFreed);
    const missing = this.#model.slice(0, first < 0 ? this.#model.length : first);
    const receiveOne = () =>
      receive(
        this.#queue,
        this.#messages,
        ({ token }, isExpired) => {
          if (fails) throw new Error('the handler fails');
          return [token, isExpired];
        },
        NOW,
      );
    const next = this.#model[first];
    this.#model.splice(0, missing.length);
    if (fails && next !== undefined) {
      expectSame(messageOf(receiveOne), 'the handler fails');
      return;
    }
    const answer = receiveOne();
    expectSame(
      answer.missing,
      missing.map(({ token }) => token),
    );
    expectSame(answer.isReceived, next !== undefined);
    if (next === undefined) return;
    expectSame(answer.result, [next.token, isLate(next.deadline)]);
    this.#model.shift();
  }

  #pop(count: number): void {
    const popped = count === 1 ? [this.#queue.pop(NOW)] : this.#queue.popBatch(count, NOW);
    const expected = this.#model.splice(0, count);
    expectSame(
      popped.filter((each) => each !== undefined).map(({ token, isExpired }) => [token, isExpired]),
      expected.map(({ token, deadline }) => [token, isLate(deadline)]),
    );
    for (const { token, isFreed } of expected) if (!isFreed) this.#messages.free(token);
  }

  #reopen(): void {
    this.#queue = TokenQueue.load(this.#queue.intoMemory(), this.#limits);
  }

  #edit(token: MessageToken, size: number): void {
    this.#messages.withWrite(token, (guard) => {
      guard.payload = new Uint8Array(size);
    });
  }

  #free(entry: Entry): void {
    this.#messages.free(entry.token);
    entry.isFreed = true;
  }

  #bytes(): number {
    return this.#model.reduce((sum, { size }) => sum + size, 0);
  }

  #mark(): string {
    const {
      maxCount,
      softCount = maxCount,
      maxBytes = Infinity,
      softBytes = maxBytes,
    } = this.#limits;
    const [count, bytes] = [this.#model.length, this.#bytes()];
    if (count >= maxCount || bytes >= maxBytes) return 'at-hard';
    return count >= softCount || bytes >= softBytes ? 'between' : 'below-soft';
  }

  /** What is to become of a message, told in another way than the code does. */
  #admit(size: number, { qos, deadline }: HeaderFields): { reason?: string; evicted: Entry[] } {
    const {
      maxCount,
      maxBytes = Infinity,
      whenSoft = 'admit',
      whenFull,
      urgentFrom,
    } = this.#limits;
    const evicted: Entry[] = [];
    if (isLate(deadline)) return { reason: 'expired', evicted };
    if (size > maxBytes) return { reason: 'too-large', evicted };
    const left = [...this.#model];
    const fits = () =>
      left.length < maxCount && size + left.reduce((sum, each) => sum + each.size, 0) <= maxBytes;
    if (!fits()) {
      if (whenFull !== 'evict-oldest') return { reason: 'full', evicted };
      while (!fits()) evicted.push(left.shift()!);
      return { evicted };
    }
    if (this.#mark() === 'below-soft' || qos === urgentFrom || whenSoft === 'admit')
      return { evicted };
    return whenSoft === 'evict-oldest' ? { evicted: [left[0]!] } : { reason: 'congested', evicted };
  }
}

function isLate(deadline: bigint | undefined): boolean {
  return deadline !== undefined && deadline <= NOW;
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

const fields = fc.record(
  {
    qos: fc.constantFrom(...QUALITIES_OF_SERVICE),
    deadline: fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.bigInt({ min: 48n, max: 52n }) },
    ),
  },
  { requiredKeys: ['qos'] },
) as fc.Arbitrary<HeaderFields>;

test.each<[string, AdmissionOptions]>([
  ['of five messages', { maxCount: 5 }],
  ['that evicts', { maxCount: 8, maxBytes: 60, whenFull: 'evict-oldest' }],
  [
    'with soft marks',
    {
      maxCount: 9,
      softCount: 5,
      maxBytes: 90,
      softBytes: 40,
      whenFull: 'block',
      urgentFrom: 'latency-critical',
      whenSoft: 'drop-newest',
    },
  ],
  [
    'that evicts early',
    {
      maxCount: 12,
      softCount: 4,
      maxBytes: 70,
      whenSoft: 'evict-oldest',
      whenFull: 'evict-oldest',
    },
  ],
])('a queue %s is its model after every operation', (_, limits) => {
  checkModel<Kind, QueueOperation>(
    WEIGHTS,
    (kind) => fc.record({ kind, size: fc.nat(25), fields, number: fc.nat(1_000) }),
    () => new Run(limits),
    0.5,
  );
});
