/** What is measured of messages, by names, for the canisters and the script. */

/** The virtual memory of Azle's map, in a canister of its own. */
export const AZLE_MAP_MEMORY = 0;

/**
 * Messages that are measured, at every size as many: with more of them at some sizes only, a
 * garbage collection of the engine would fall into those, and be taken for a cost of the size.
 */
export const SAMPLE = 100;

/** In the order in which they are asked for: what is freed is stored again, and then taken. */
export const MANAGER_WORKS = [
  'read, with the payload',
  'peekHeader, with the header',
  'withWrite, another payload',
  'free',
  'store, in a slot used before',
  'store, in a slot never used',
  'take',
] as const;

export type ManagerWork = (typeof MANAGER_WORKS)[number];

/** On a queue of as many tokens. */
export const QUEUE_WORKS = ['push', 'pop'] as const;

export type QueueWork = (typeof QUEUE_WORKS)[number];

/** On an outbox of as many letters, of which the oldest are begun and arrive. */
export const OUTBOX_WORKS = ['enqueue', 'begin', 'delivered'] as const;

export type OutboxWork = (typeof OUTBOX_WORKS)[number];

/** On a map of messages. What is inserted comes under the next numbers of its counter. */
export const MAP_WORKS = ['get', 'remove', 'insert'] as const;

export type MapWork = (typeof MAP_WORKS)[number];

/** A work, by numbers: tokens of messages, keys of a map, or moments at an outbox. */
export interface MessageRequest<W = string> {
  readonly work: W;
  readonly numbers: readonly bigint[] | BigUint64Array;
}
