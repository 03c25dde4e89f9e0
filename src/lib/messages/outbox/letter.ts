/**
 * A letter of an outbox, as its user sees it.
 *
 * Source: issue 8.
 */
import { decodeRange, type Codec } from '../../codec.js';
import type { MessageHeader, QualityOfService } from '../message-header.js';
import type { MessageToken } from '../message-token.js';
import type { BookedLetter } from './letter-book.js';
import { NEVER } from './moment.js';
import type { LetterState, StoredLetter } from './stored-letter.js';

/** One attempt to deliver a letter. */
export interface Attempt {
  readonly token: MessageToken;
  /** Its number: how many attempts of this letter were begun, this one included. */
  readonly attempts: number;
}

/** What an outbox knows of a letter; does not change with it. Moments are in nanoseconds. */
export class Letter<P> implements Attempt {
  readonly token: MessageToken;
  readonly #codec: Codec<P>;
  readonly #stored: StoredLetter;
  readonly #header: MessageHeader;
  #payload: { readonly value: P } | undefined;

  constructor({ token, header, letter }: BookedLetter, codec: Codec<P>) {
    this.token = token;
    this.#codec = codec;
    this.#stored = letter;
    this.#header = header;
  }

  /** What is to be delivered, decoded at the first look. Throws as the codec does. */
  get payload(): P {
    const { content } = this.#stored;
    this.#payload ??= { value: decodeRange(this.#codec, content, 0, content.length) };
    return this.#payload.value;
  }

  get state(): LetterState {
    return this.#stored.state;
  }

  /** How many attempts were begun, ever. */
  get attempts(): number {
    return this.#stored.attempts;
  }

  /** When it is tried next, unless it is delivered before; `undefined` for a dead letter. */
  get dueAt(): bigint | undefined {
    const { dueAt } = this.#stored;
    return dueAt === NEVER ? undefined : dueAt;
  }

  /** Why the last attempt that has failed did so; `undefined` where none has. */
  get reason(): string | undefined {
    const { reason } = this.#stored;
    return reason === '' ? undefined : reason;
  }

  get enqueuedAt(): bigint {
    return this.#header.creationTick;
  }

  /** From when on no attempt is begun; `undefined` where there is no such moment. */
  get deadline(): bigint | undefined {
    return this.#header.deadline;
  }

  get qos(): QualityOfService {
    return this.#header.qos;
  }

  get traceId(): bigint {
    return this.#header.traceId;
  }

  get sequence(): bigint {
    return this.#header.sequence;
  }
}
