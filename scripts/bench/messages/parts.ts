/** The parts of a work that several workers do together, and what a worker does for each. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { POSTERS, receiver, type Posting } from './posting.js';
import { Window } from './window.js';

/** Handles so many messages, and answers how many it was. */
export type Task = (messages: number) => number | Promise<number>;

/** What a worker is to do; goes through `workerData`. */
export interface Part {
  readonly role: 'post' | 'receive';
  readonly posting: Posting;
  readonly payloadSize: number;
  /** To the other worker of the pair. */
  readonly port: MessagePort;
  /** The word of the window that the pair shares. */
  readonly received: Int32Array;
}

export function taskOf({ role, posting, payloadSize, port, received }: Part): Task {
  const window = new Window(received);
  return role === 'post' ? POSTERS[posting](port, window, payloadSize) : receiver(port, window);
}

/** One that posts, and the one that receives it. */
export function postingPair(posting: Posting, payloadSize: number): Part[] {
  const { port1, port2 } = new MessageChannel();
  const received = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const pair = { posting, payloadSize, received };
  return [
    { role: 'post', port: port1, ...pair },
    { role: 'receive', port: port2, ...pair },
  ];
}
