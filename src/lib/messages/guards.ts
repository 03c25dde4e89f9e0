/**
 * The guards that all managers hand out. A guard is a slot, seen through a borrow: what it shows is
 * read when it is asked for, and nobody can change it meanwhile.
 *
 * Source: `specs/limen.md` sections 4 and 9.6.
 */
import { DISPOSE } from '../dispose.js';
import { isPromise } from '../guards.js';
import type { Borrow } from './borrows.js';
import type { HeaderGuard, ReadGuard, WriteGuard } from './message-manager.js';
import { messageHeader, type HeaderFields, type MessageHeader } from './message-header.js';
import type { MessageToken } from './message-token.js';
import { Message } from './message.js';
import { guardReleased } from './refusals.js';

/** What lies in a slot, as long as it is borrowed. */
export interface SlotContent<P> {
  readHeader(): MessageHeader;
  readPayload(): P;
}

/** A slot that can be written: size and class are stamped by it. */
export interface WritableSlot<P> extends SlotContent<P> {
  /** Throws as a codec does, and has then changed nothing. */
  replace(header: MessageHeader, payload: P): void;
}

/** Shows the header. */
export class SlotHeaderGuard<P> implements HeaderGuard {
  readonly #borrow: Borrow;
  #header: MessageHeader | undefined;
  #isReleased = false;

  constructor(
    readonly token: MessageToken,
    protected readonly slot: SlotContent<P>,
    borrow: Borrow,
  ) {
    this.#borrow = borrow;
  }

  get header(): MessageHeader {
    this.assertHeld();
    this.#header ??= this.slot.readHeader();
    return this.#header;
  }

  get isReleased(): boolean {
    return this.#isReleased || !this.#borrow.isHeld;
  }

  release(): void {
    if (this.isReleased) return;
    this.#isReleased = true;
    this.#borrow.giveBack();
  }

  [DISPOSE](): void {
    this.release();
  }

  protected assertHeld(): void {
    if (this.isReleased) throw guardReleased(this.token);
  }
}

/** Shows header and payload. */
export class SlotReadGuard<P> extends SlotHeaderGuard<P> implements ReadGuard<P> {
  #message: Message<P> | undefined;

  get payload(): P {
    return this.message.payload;
  }

  get message(): Message<P> {
    this.assertHeld();
    this.#message ??= new Message(this.header, this.slot.readPayload());
    return this.#message;
  }
}

/** Shows header and payload as they will be, and stores them. */
export class SlotWriteGuard<P> extends SlotHeaderGuard<P> implements WriteGuard<P> {
  readonly #slot: WritableSlot<P>;
  #fields: HeaderFields | undefined;
  #payload: { readonly value: P } | undefined;
  #isChanged = false;

  constructor(token: MessageToken, slot: WritableSlot<P>, borrow: Borrow) {
    super(token, slot, borrow);
    this.#slot = slot;
  }

  override get header(): MessageHeader {
    const stored = super.header;
    return this.#fields === undefined ? stored : messageHeader(this.#fields, stored);
  }

  get payload(): P {
    this.assertHeld();
    this.#payload ??= { value: this.slot.readPayload() };
    return this.#payload.value;
  }

  set payload(value: P) {
    this.assertHeld();
    this.#payload = { value };
    this.#isChanged = true;
  }

  get isChanged(): boolean {
    return this.#isChanged;
  }

  setHeader(fields: HeaderFields): void {
    const merged = { ...this.#fields, ...fields };
    messageHeader(merged, super.header);
    this.#fields = merged;
    this.#isChanged = true;
  }

  commit(): void {
    this.assertHeld();
    if (this.#isChanged) this.#slot.replace(this.header, this.payload);
    this.#isChanged = false;
    this.release();
  }
}

/**
 * Calls `use` with a guard and releases it. Throws `TypeError` where `use` returns a promise: the
 * guard would have to be held across an `await`.
 */
export function within<G extends HeaderGuard, R>(
  guard: G,
  use: (guard: G) => R,
  atEnd?: (guard: G) => void,
): R {
  try {
    const result = use(guard);
    if (isPromise(result)) {
      throw new TypeError(
        'callback: expected a result, got a promise. A guard is not held across an await; ' +
          'take what you need out of it first.',
      );
    }
    if (!guard.isReleased) atEnd?.(guard);
    return result;
  } finally {
    guard.release();
  }
}
