/**
 * What every manager refuses, in the same words; the table stands in `message-manager.ts`. And the
 * check of a token against its slot, which all of them do alike.
 *
 * Source: `specs/limen.md` sections 1.6, 3.3 and 9.2.
 */
import { StorageError, type StorageErrorCode } from '../errors.js';
import {
  formatToken,
  messageToken,
  tokenGeneration,
  tokenIndex,
  type MessageToken,
} from './message-token.js';

/** What a token is compared with. */
export interface SlotState {
  /** Of the message that is or was there last; 0 where none ever was. */
  readonly generation: number;
  readonly isLive: boolean;
}

/**
 * The index of the slot that a token names. Throws `BAD_TOKEN` where the manager has none of that
 * index or the token is no bigint of 64 bits; `TypeError` for what is no bigint at all. O(1).
 */
export function indexWithin(token: MessageToken, capacity: number): number {
  const index = tokenIndex(messageToken(token));
  if (index >= capacity) throw badToken(token, `${capacity} slots`);
  return index;
}

/** Throws `BAD_TOKEN`, `STALE_TOKEN` or `NOT_ALLOCATED` unless the slot holds what is meant. */
export function assertStands(token: MessageToken, slot: SlotState): void {
  const generation = tokenGeneration(token);
  if (generation === 0 || generation > slot.generation) {
    throw badToken(token, `generation ${slot.generation} of the slot`);
  }
  if (generation < slot.generation) throw staleToken(token, slot.generation);
  if (!slot.isLive) throw notAllocated(token);
}

export function noFreeSlots(capacity: number, retired: number): StorageError {
  return new StorageError(
    'NO_FREE_SLOTS',
    `all ${capacity} slots are taken${retired > 0 ? ` or retired (${retired})` : ''}. ` +
      'Nothing was stored; free a message, or make the manager with a larger capacity.',
    { capacity, retired },
  );
}

/** `doing` says what was asked for, such as `readMut`. */
export function alreadyBorrowed(token: MessageToken, doing: string, holder: string): StorageError {
  return tokenError(
    'ALREADY_BORROWED',
    token,
    `${doing}: the slot is held by ${holder}. Release that guard first.`,
    { doing, holder },
  );
}

export function borrowActive(token: MessageToken, doing: string, holder: string): StorageError {
  return tokenError(
    'BORROW_ACTIVE',
    token,
    `${doing}: the slot is held by ${holder}. The message stays; release that guard first.`,
    { doing, holder },
  );
}

export function poisoned(token: MessageToken): StorageError {
  return tokenError(
    'POISONED',
    token,
    'a worker died while it was changing the message, so what is left of it is no message. ' +
      'Free the slot with reclaim(token) or reclaimPoisoned().',
    {},
  );
}

export function guardReleased(token: MessageToken): StorageError {
  return tokenError(
    'GUARD_RELEASED',
    token,
    'this guard was released before. Ask the manager for another one.',
    {},
  );
}

function badToken(token: MessageToken, expected: string): StorageError {
  return tokenError(
    'BAD_TOKEN',
    token,
    `this manager never gave it: it has ${expected}. Use a token with the manager it came from.`,
    { expected },
  );
}

function staleToken(token: MessageToken, generation: number): StorageError {
  return tokenError(
    'STALE_TOKEN',
    token,
    `its message was freed, and the slot is now at generation ${generation}. Forget the token.`,
    { generation },
  );
}

function notAllocated(token: MessageToken): StorageError {
  return tokenError('NOT_ALLOCATED', token, 'its message was freed before. Forget the token.', {});
}

function tokenError(
  code: StorageErrorCode,
  token: MessageToken,
  message: string,
  details: Record<string, string | number>,
): StorageError {
  return new StorageError(code, `token ${formatToken(token)}: ${message}`, {
    token: String(token),
    ...details,
  });
}
