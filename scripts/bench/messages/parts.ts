/** The parts of a work that several workers do together, and what a worker does for each. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import {
  blob,
  ConcurrentMessageManager,
  SharedTokenQueue,
  type Invitation,
} from '../../../src/lib/index.js';
import { POSTERS, postReceiver, type Posting } from './posting.js';
import { keeper, tokenReceiver, tokenSender } from './tokens.js';
import { Window, WINDOW } from './window.js';

/** Handles so many messages, and answers how many it was. */
export type Task = (messages: number) => number | Promise<number>;

/** One of a pair, by a port. */
interface PostingPart {
  readonly role: 'post' | 'receive posts';
  readonly posting: Posting;
  readonly port: MessagePort;
  readonly payloadSize: number;
  /** The word of the pair's window. */
  readonly received: Int32Array;
}

/** One of a pair, by tokens of messages in a manager that all pairs share. */
interface TokenPart {
  readonly role: 'send tokens' | 'receive tokens';
  readonly invitation: Invitation;
  readonly queue: SharedArrayBuffer;
  readonly payloadSize: number;
  readonly received: Int32Array;
}

/** One of several that store, read and free in the same manager, each for itself. */
interface KeepingPart {
  readonly role: 'keep';
  readonly invitation: Invitation;
  readonly payloadSize: number;
}

/** What a worker is to do; goes through `workerData`. */
export type Part = PostingPart | TokenPart | KeepingPart;

type Manager = ConcurrentMessageManager<Uint8Array>;

/** What a worker does for its part. */
export function taskOf(part: Part): Task {
  const { payloadSize } = part;
  switch (part.role) {
    case 'post':
      return POSTERS[part.posting](part.port, new Window(part.received), payloadSize);
    case 'receive posts':
      return postReceiver(part.port, new Window(part.received));
    case 'send tokens': {
      const producer = SharedTokenQueue.attach(part.queue, LIMITS).producer();
      return tokenSender(joined(part), producer, new Window(part.received), payloadSize);
    }
    case 'receive tokens': {
      const consumer = SharedTokenQueue.attach(part.queue, LIMITS).consumer();
      return tokenReceiver(joined(part), consumer, new Window(part.received));
    }
    case 'keep':
      return keeper(joined(part), payloadSize);
  }
}

const LIMITS = { maxCount: WINDOW };

/** A manager for this thread and those that it invites. */
export function sharedManager(payloadSize: number, capacity: number): Manager {
  return ConcurrentMessageManager.create({ codec: blob(payloadSize), capacity });
}

function joined({ invitation, payloadSize }: TokenPart | KeepingPart): Manager {
  return ConcurrentMessageManager.join(invitation, { codec: blob(payloadSize) });
}

/** A worker that posts, and the one that receives it. */
export function postingPair(posting: Posting, payloadSize: number): Part[] {
  const { port1, port2 } = new MessageChannel();
  const pair = { posting, payloadSize, received: sharedWord() };
  return [
    { role: 'post', port: port1, ...pair },
    { role: 'receive posts', port: port2, ...pair },
  ];
}

/** A worker that stores messages and hands their tokens on, and the one that reads and frees. */
export function tokenPair(manager: Manager, payloadSize: number): Part[] {
  const queue = SharedTokenQueue.create(LIMITS).buffer;
  const pair = { queue, payloadSize, received: sharedWord() };
  return [
    { role: 'send tokens', invitation: manager.invite(), ...pair },
    { role: 'receive tokens', invitation: manager.invite(), ...pair },
  ];
}

/** A worker that stores, reads and frees for itself. */
export function keepingPart(manager: Manager, payloadSize: number): Part {
  return { role: 'keep', invitation: manager.invite(), payloadSize };
}

/** A word that threads share. */
export function sharedWord(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}
