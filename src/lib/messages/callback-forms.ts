/**
 * The forms of borrowing that release by themselves, over those that give a guard: the same for
 * every manager, whatever its slots are.
 *
 * Source: `specs/limen.md` section 9.6.
 */
import { within } from './guards.js';
import type { HeaderGuard, ReadGuard, WriteGuard } from './message-manager.js';
import type { MessageToken } from './message-token.js';

/** A part of a `MessageManager`; what the methods promise stands there. */
export abstract class CallbackForms<P> {
  abstract peekHeader(token: MessageToken): HeaderGuard;
  abstract read(token: MessageToken): ReadGuard<P>;
  abstract readMut(token: MessageToken): WriteGuard<P>;

  withHeader<R>(token: MessageToken, look: (guard: HeaderGuard) => R): R {
    return within(this.peekHeader(token), look);
  }

  withRead<R>(token: MessageToken, look: (guard: ReadGuard<P>) => R): R {
    return within(this.read(token), look);
  }

  withWrite<R>(token: MessageToken, edit: (guard: WriteGuard<P>) => R): R {
    return within(this.readMut(token), edit, (guard) => guard.commit());
  }
}
