/**
 * Random operations on a message manager beside a map of its messages. Guards are held over other
 * operations, and tokens are used long after their messages are gone.
 *
 * Source: `specs/limen.md` section 11; house style rule 24.
 */
import { expect } from '@jest/globals';
import * as fc from 'fast-check';
import { MemoryClass } from '../../src/lib/messages/memory-class.js';
import { messageHeader, type MessageHeader } from '../../src/lib/messages/message-header.js';
import type {
  HeaderGuard,
  MessageManager,
  WriteGuard,
} from '../../src/lib/messages/message-manager.js';
import {
  tokenGeneration,
  tokenIndex,
  type MessageToken,
} from '../../src/lib/messages/message-token.js';
import { Message } from '../../src/lib/messages/message.js';
import { StorageError } from '../../src/lib/errors.js';
import type { MakeManager } from './message-manager-conformance.js';
import { HEADERS, ProbeCodec, PROBE_SIZE_MAX, REFUSED } from './messages.js';
import { checkModel, type ModelRun, type Operation } from './model.js';

const WEIGHTS = {
  store: 12,
  free: 5,
  take: 3,
  consume: 2,
  edit: 4,
  look: 4,
  openHeader: 2,
  openRead: 2,
  openWrite: 3,
  set: 4,
  commit: 2,
  release: 6,
  refuse: 1,
  clear: 1,
  reopen: 1,
};

type Kind = keyof typeof WEIGHTS;

interface ManagerOperation extends Operation<Kind> {
  readonly which: number;
  readonly payload: string;
  readonly fields: number;
}

/** What is to be modelled. */
export interface ManagerModel {
  readonly make: MakeManager;
  /** The same messages by another manager, as after an upgrade; no guard is held there. */
  readonly reopen?: (manager: MessageManager<string>) => MessageManager<string>;
  /** Fails where the manager is not sound. */
  readonly check?: (manager: MessageManager<string>) => void;
  /** As that of `checkModel`. */
  readonly share?: number;
}

/** Checks random runs with few slots, so that they are often all taken. */
export function checkManagerModel(model: ManagerModel): void {
  const payload = fc.nat({ max: PROBE_SIZE_MAX }).map((size) => `${size}`.padStart(size, '-'));
  checkModel<Kind, ManagerOperation>(
    WEIGHTS,
    (kind) =>
      fc.record({
        kind,
        which: fc.nat({ max: 2 ** 30 }),
        payload,
        fields: fc.nat({ max: HEADERS.length - 1 }),
      }),
    () => new ManagerRun(model),
    model.share ?? 1,
  );
}

const CAPACITY = 6;
const TOKENS_MAX = 60;

interface Expected {
  header: MessageHeader;
  payload: string;
}

/** A guard, whose edit is `pending` where it is a writer's. */
interface Held {
  readonly token: MessageToken;
  readonly guard: HeaderGuard;
  readonly writer: WriteGuard<string> | undefined;
  pending: Expected | undefined;
}

class ManagerRun implements ModelRun<ManagerOperation> {
  #manager: MessageManager<string>;
  #live = new Map<MessageToken, Expected>();
  #held: Held[] = [];
  /** How many messages each slot has had. */
  readonly #generations = new Map<number, number>();
  /** Tokens that were given, the newest last; those of freed messages among them. */
  #given: MessageToken[] = [];

  constructor(readonly model: ManagerModel) {
    this.#manager = model.make({
      capacity: CAPACITY,
      codec: new ProbeCodec(),
      memoryClass: MemoryClass.host,
    });
  }

  apply(operation: ManagerOperation): void {
    const { kind } = operation;
    if (kind === 'store') this.#store(operation);
    else if (kind === 'clear') this.#clear();
    else if (kind === 'reopen') this.#reopen();
    else if (kind === 'set' || kind === 'commit' || kind === 'release') this.#useGuard(operation);
    else if (this.#given.length > 0) this.#useToken(operation);
  }

  compare(): void {
    const byIndex = [...this.#live.keys()].sort((a, b) => tokenIndex(a) - tokenIndex(b));
    const live = this.#live.size;
    expect([[...this.#manager.tokens()], this.#manager.usage()]).toEqual([
      byIndex,
      { capacity: CAPACITY, available: CAPACITY - live, live, retired: 0 },
    ]);
    const readable = byIndex.filter((token) => !this.#holdersOf(token).some((held) => held.writer));
    expect(
      readable.map((token) => this.#manager.withRead(token, (guard) => contentOf(guard))),
    ).toEqual(readable.map((token) => this.#live.get(token)));
    this.#held.forEach((held) => this.#compareGuard(held));
    this.model.check?.(this.#manager);
  }

  finish(): void {
    for (const { guard } of this.#held) guard.release();
    this.#held = [];
    this.compare();
    const taken = [...this.#live.keys()].map((token) => contentOf(this.#manager.take(token)));
    expect(taken).toEqual([...this.#live.values()]);
    this.#live.clear();
    this.compare();
  }

  #compareGuard({ token, guard, writer, pending }: Held): void {
    const { header, payload } = pending ?? this.#live.get(token)!;
    const shown = [guard.header, guard.isReleased, writer?.isChanged, writer?.payload];
    const isWriter = writer !== undefined;
    const isChanged = isWriter ? pending !== undefined : undefined;
    expect(shown).toEqual([header, false, isChanged, isWriter ? payload : undefined]);
  }

  #store({ payload, fields }: ManagerOperation): void {
    const message = Message.of(payload, HEADERS[fields]!);
    if (this.#live.size === CAPACITY) {
      expect(outcomeOf(() => this.#manager.store(message))).toBe('NO_FREE_SLOTS');
      return;
    }
    const token = this.#manager.store(message);
    const generation = (this.#generations.get(tokenIndex(token)) ?? 0) + 1;
    expect([this.#live.has(token), tokenGeneration(token)]).toEqual([false, generation]);
    this.#generations.set(tokenIndex(token), generation);
    this.#live.set(token, stamped(message.header, payload));
    this.#given = [...this.#given, token].slice(-TOKENS_MAX);
  }

  #clear(): void {
    const outcome = outcomeOf(() => this.#manager.clear());
    expect(outcome).toBe(this.#held.length > 0 ? 'BORROW_ACTIVE' : undefined);
    if (outcome === undefined) this.#live.clear();
  }

  #reopen(): void {
    if (this.model.reopen === undefined) return;
    this.#manager = this.model.reopen(this.#manager);
    this.#held = [];
  }

  /** Half of the tokens stand for messages, the others may have been freed long ago. */
  #useToken(operation: ManagerOperation): void {
    const { kind, which } = operation;
    const live = [...this.#live.keys()];
    const tokens = which % 2 === 0 && live.length > 0 ? live : this.#given;
    const token = tokens[(which >> 1) % tokens.length]!;
    const refusal = this.#refusalOf(kind, token);
    let result: unknown;
    expect(outcomeOf(() => (result = this.#run(operation, token)))).toBe(refusal);
    if (refusal !== undefined) return;
    if (kind === 'free' || kind === 'take' || kind === 'consume') {
      if (kind !== 'free') expect(result).toEqual(this.#live.get(token));
      this.#live.delete(token);
    }
  }

  #run(operation: ManagerOperation, token: MessageToken): unknown {
    const manager = this.#manager;
    switch (operation.kind) {
      case 'free':
        return manager.free(token);
      case 'take':
        return contentOf(manager.take(token));
      case 'consume':
        return manager.consume(token, (guard) => contentOf(guard));
      case 'look':
        return manager.withHeader(token, ({ header }) => expectHeader(header, this.#live, token));
      case 'edit':
        return this.#edit(operation, token);
      case 'refuse':
        return manager.withWrite(token, (guard) => {
          guard.payload = REFUSED;
        });
      case 'openHeader':
        return this.#hold(token, manager.peekHeader(token));
      case 'openRead':
        return this.#hold(token, manager.read(token));
      default: {
        const writer = manager.readMut(token);
        return this.#hold(token, writer, writer);
      }
    }
  }

  #edit({ payload, fields }: ManagerOperation, token: MessageToken): void {
    const header = messageHeader(HEADERS[fields], this.#live.get(token)?.header);
    this.#manager.withWrite(token, (guard) => {
      guard.setHeader(HEADERS[fields]!);
      guard.payload = payload;
    });
    this.#live.set(token, stamped(header, payload));
  }

  #hold(token: MessageToken, guard: HeaderGuard, writer?: WriteGuard<string>): void {
    this.#held.push({ token, guard, writer, pending: undefined });
  }

  #useGuard({ kind, which, payload, fields }: ManagerOperation): void {
    if (this.#held.length === 0) return;
    const index = which % this.#held.length;
    const held = this.#held[index]!;
    const { token, guard, writer } = held;
    if (kind === 'set') {
      if (writer === undefined) return;
      writer.payload = payload;
      writer.setHeader(HEADERS[fields]!);
      const { header } = held.pending ?? this.#live.get(token)!;
      held.pending = { header: messageHeader(HEADERS[fields], header), payload };
      return;
    }
    if (kind === 'commit' && writer !== undefined) {
      writer.commit();
      const { pending } = held;
      if (pending !== undefined) this.#live.set(token, stamped(pending.header, pending.payload));
    } else guard.release();
    this.#held.splice(index, 1);
    expect(guard.isReleased).toBe(true);
  }

  #holdersOf(token: MessageToken): Held[] {
    return this.#held.filter((held) => held.token === token);
  }

  /** What the table of errors says. */
  #refusalOf(kind: Kind, token: MessageToken): string | undefined {
    if (!this.#live.has(token)) {
      const newest = this.#generations.get(tokenIndex(token))!;
      return tokenGeneration(token) < newest ? 'STALE_TOKEN' : 'NOT_ALLOCATED';
    }
    const holders = this.#holdersOf(token);
    const isWritten = holders.some(({ writer }) => writer !== undefined);
    const isHeld = holders.length > 0;
    if (kind === 'free' || kind === 'take') return isHeld ? 'BORROW_ACTIVE' : undefined;
    if (kind === 'consume' && isHeld) return isWritten ? 'ALREADY_BORROWED' : 'BORROW_ACTIVE';
    if (kind === 'refuse') return isHeld ? 'ALREADY_BORROWED' : 'ProbeFailed';
    if (kind === 'edit' || kind === 'openWrite') return isHeld ? 'ALREADY_BORROWED' : undefined;
    return isWritten ? 'ALREADY_BORROWED' : undefined;
  }
}

function contentOf({ header, payload }: Expected): Expected {
  return { header, payload };
}

/** Payloads of these runs have a byte for each letter. */
function stamped(header: MessageHeader, payload: string): Expected {
  return {
    header: { ...header, payloadSize: payload.length, memoryClass: MemoryClass.host },
    payload,
  };
}

function expectHeader(
  header: MessageHeader,
  live: ReadonlyMap<MessageToken, Expected>,
  token: MessageToken,
): void {
  expect(header).toEqual(live.get(token)!.header);
}

/** The code or else the name of what an action throws; `undefined` where it does not. */
function outcomeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof StorageError) return error.code;
    if ((error as Error).name === 'ProbeFailed') return 'ProbeFailed';
    throw error;
  }
}
