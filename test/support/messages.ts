/**
 * Messages, a codec that is watched, and every situation in which a token may be refused: what the
 * suites of message managers are made of.
 *
 * Source: `specs/limen.md` sections 3.3 and 11.
 */
import type { Codec } from '../../src/lib/codec.js';
import { text } from '../../src/lib/codecs/index.js';
import type { StorageErrorCode } from '../../src/lib/errors.js';
import { MessageFlags } from '../../src/lib/messages/message-flags.js';
import type { HeaderFields, MessageHeader } from '../../src/lib/messages/message-header.js';
import type {
  HeaderGuard,
  MessageManager,
  SlotUsage,
} from '../../src/lib/messages/message-manager.js';
import {
  INVALID_TOKEN,
  tokenGeneration,
  tokenIndex,
  tokenOf,
  type MessageToken,
} from '../../src/lib/messages/message-token.js';
import { Message } from '../../src/lib/messages/message.js';

/** The longest payload of {@link ProbeCodec}, in bytes. */
export const PROBE_SIZE_MAX = 40;

/** What {@link ProbeCodec} refuses to encode. */
export const REFUSED = 'refused';

/** Text of at most 40 bytes, by a codec that counts, refuses one text, and fails when it is told. */
export class ProbeCodec implements Codec<string> {
  readonly name = 'probe';
  readonly bound = { maxSize: PROBE_SIZE_MAX, fixedSize: false };
  decodes = 0;
  failsToDecode = false;

  encode(value: string): Uint8Array {
    if (value === REFUSED) throw new ProbeFailed();
    return text.encode(value);
  }

  decode(bytes: Uint8Array): string {
    this.decodes += 1;
    if (this.failsToDecode) throw new ProbeFailed();
    return text.decode(bytes);
  }
}

/** What a codec or a callback of the tests throws: nothing that the library knows. */
export class ProbeFailed extends Error {
  override readonly name = 'ProbeFailed';
}

const U64_MAX = 2n ** 64n - 1n;

/** Headers that have every field, at its limits and between. */
export const HEADERS: readonly HeaderFields[] = [
  {},
  {
    traceId: 0x0102_0304_0506_0708n,
    sequence: 9n,
    creationTick: 10n,
    deadline: 11n,
    qos: 'latency-critical',
    flags: MessageFlags.fromBits(0x8000_0005),
  },
  { traceId: U64_MAX, sequence: U64_MAX, creationTick: U64_MAX, deadline: U64_MAX },
  { deadline: 0n, qos: 'background', flags: MessageFlags.fromBits(0xffff_ffff) },
  { deadline: undefined, qos: 'best-effort', flags: MessageFlags.empty },
];

/** A manager as a whole, as it shows itself. PRECONDITION: no writer holds a slot. */
export function stateOf<P>(manager: MessageManager<P>): {
  usage: SlotUsage;
  messages: [MessageToken, MessageHeader, P][];
} {
  const messages = [...manager.tokens()].map((token) =>
    manager.withRead(token, ({ header, payload }): [MessageToken, MessageHeader, P] => [
      token,
      header,
      payload,
    ]),
  );
  return { usage: manager.usage(), messages };
}

/** The token of the same slot, so many generations on. */
export function shifted(token: MessageToken, generations: number): MessageToken {
  return tokenOf(tokenIndex(token), tokenGeneration(token) + generations);
}

/** What can be done with a token, by the columns of the table of errors. */
export const OPERATIONS: Readonly<Record<Column, readonly Operation[]>> = {
  look: [
    ['peekHeader', (manager, token) => manager.peekHeader(token).release()],
    ['read', (manager, token) => manager.read(token).release()],
    ['withHeader', (manager, token) => manager.withHeader(token, ({ header }) => header)],
    ['withRead', (manager, token) => manager.withRead(token, ({ payload }) => payload)],
  ],
  edit: [
    ['readMut', (manager, token) => manager.readMut(token).release()],
    ['withWrite', (manager, token) => manager.withWrite(token, ({ payload }) => payload)],
  ],
  end: [
    ['free', (manager, token) => manager.free(token)],
    ['take', (manager, token) => manager.take(token)],
  ],
};

/** The columns of the table: peekHeader and read; readMut; free and take. */
export type Column = 'look' | 'edit' | 'end';

type Operation = readonly [
  name: string,
  run: (manager: MessageManager<string>, token: MessageToken) => unknown,
];

/** A token, what is done to its slot, and what each column then answers. */
export interface Situation {
  readonly title: string;
  /** Of a manager with three slots, one of which holds a message: the token to ask for. */
  readonly ask: (manager: MessageManager<string>, live: MessageToken) => MessageToken;
  /** The guards that hold the slots meanwhile; none unless told. */
  readonly hold?: (manager: MessageManager<string>, live: MessageToken) => HeaderGuard[];
  /** A column without a code is not refused. */
  readonly codes: Partial<Record<Column, StorageErrorCode>>;
}

export const SITUATION_CAPACITY = 3;

const always = (code: StorageErrorCode) => ({ look: code, edit: code, end: code });
const aWriter = (manager: MessageManager<string>, live: MessageToken) => [manager.readMut(live)];

/** Frees the message and stores another one in its slot. Returns the token of the first. */
function reuse(manager: MessageManager<string>, live: MessageToken): MessageToken {
  manager.free(live);
  manager.store(Message.of('the next'));
  return live;
}

/** Tokens that no manager with three slots gives, none of which depends on what it holds. */
const NEVER_GIVEN: readonly (readonly [string, bigint])[] = [
  ['zero', 0n],
  ['the invalid token', INVALID_TOKEN],
  ['minus one', -1n],
  ['minus 2^32, whose low bits name the first slot', -(2n ** 32n)],
  ['the first slot behind the last', tokenOf(SITUATION_CAPACITY, 1)],
  ['the last index that there is', tokenOf(0xffff_ffff, 1)],
  ['a slot that was never used', tokenOf(SITUATION_CAPACITY - 1, 1)],
  ['2^64', 2n ** 64n],
  ['2^1000', 2n ** 1000n],
];

export const SITUATIONS: readonly Situation[] = [
  ...NEVER_GIVEN.map(([title, token]) => ({
    title: `BAD_TOKEN: ${title}`,
    ask: () => token as MessageToken,
    codes: always('BAD_TOKEN'),
  })),
  {
    title: 'BAD_TOKEN: a slot with a message, and 64 bits too many',
    ask: (_, live) => (live + 2n ** 64n) as MessageToken,
    codes: always('BAD_TOKEN'),
  },
  {
    title: 'BAD_TOKEN: a slot with a message, and generation 0',
    ask: (_, live) => tokenOf(tokenIndex(live), 0),
    codes: always('BAD_TOKEN'),
  },
  {
    title: 'BAD_TOKEN: a newer generation than the slot of a message has',
    ask: (_, live) => shifted(live, 1),
    codes: always('BAD_TOKEN'),
  },
  {
    title: 'BAD_TOKEN: a newer generation than that of an empty slot',
    ask(manager, live) {
      manager.free(live);
      return shifted(live, 1);
    },
    codes: always('BAD_TOKEN'),
  },
  {
    title: 'STALE_TOKEN: the slot holds another message',
    ask: reuse,
    codes: always('STALE_TOKEN'),
  },
  {
    title: 'STALE_TOKEN: the slot held another message, which was freed as well',
    ask(manager, live) {
      manager.free(live);
      manager.free(manager.store(Message.of('the next')));
      return live;
    },
    codes: always('STALE_TOKEN'),
  },
  {
    title: 'NOT_ALLOCATED: the message was freed',
    ask(manager, live) {
      manager.free(live);
      return live;
    },
    codes: always('NOT_ALLOCATED'),
  },
  {
    title: 'NOT_ALLOCATED: the message was taken',
    ask(manager, live) {
      manager.take(live);
      return live;
    },
    codes: always('NOT_ALLOCATED'),
  },
  {
    title: 'a header guard holds the slot',
    ask: (_, live) => live,
    hold: (manager, live) => [manager.peekHeader(live)],
    codes: { edit: 'ALREADY_BORROWED', end: 'BORROW_ACTIVE' },
  },
  {
    title: 'readers hold the slot',
    ask: (_, live) => live,
    hold: (manager, live) => [manager.read(live), manager.peekHeader(live), manager.read(live)],
    codes: { edit: 'ALREADY_BORROWED', end: 'BORROW_ACTIVE' },
  },
  {
    title: 'a writer holds the slot',
    ask: (_, live) => live,
    hold: aWriter,
    codes: { look: 'ALREADY_BORROWED', edit: 'ALREADY_BORROWED', end: 'BORROW_ACTIVE' },
  },
  {
    title: 'BAD_TOKEN, before the borrow: a newer generation, and a writer holds the slot',
    ask: (_, live) => shifted(live, 1),
    hold: aWriter,
    codes: always('BAD_TOKEN'),
  },
  {
    title: 'STALE_TOKEN, before the borrow: a writer holds the next message of the slot',
    ask: reuse,
    hold: (manager) => [...manager.tokens()].map((token) => manager.readMut(token)),
    codes: always('STALE_TOKEN'),
  },
  {
    title: 'NOT_ALLOCATED: an empty slot, and a writer holds another one',
    ask(manager, live) {
      manager.store(Message.of('another'));
      manager.free(live);
      return live;
    },
    hold: (manager) => [...manager.tokens()].map((token) => manager.readMut(token)),
    codes: always('NOT_ALLOCATED'),
  },
];
