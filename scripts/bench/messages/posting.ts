/**
 * What a user has without this library: a payload is posted to another worker, through a
 * `MessagePort` between the two. What is posted is cloned, one payload or an array of them; or the
 * payload's buffer is handed over, and then the sender needs another one for the next.
 *
 * A receiver listens by `onmessage`, the fastest of three ways when they were tried: faster than
 * `on('message')`, and than asking with `receiveMessageOnPort`.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Task } from './parts.js';
import { assertNumber, numbered } from './payloads.js';
import type { Window } from './window.js';

export const BATCH_LENGTH = 64;

/** How payloads are posted. */
export const POSTINGS = ['cloned', 'cloned in batches', 'transferred'] as const;

export type Posting = (typeof POSTINGS)[number];

/** Makes the task of posting payloads, of so many bytes each. */
type MakePoster = (port: MessagePort, window: Window, payloadSize: number) => Task;

export const POSTERS: Readonly<Record<Posting, MakePoster>> = {
  cloned(port, window, payloadSize) {
    const payload = new Uint8Array(payloadSize);
    return (messages) => {
      for (let number = 0; number < messages; number++) {
        window.send();
        port.postMessage(numbered(payload, number));
      }
      return messages;
    };
  },

  'cloned in batches': (port, window, payloadSize) => {
    const payloads = Array.from({ length: BATCH_LENGTH }, () => new Uint8Array(payloadSize));
    return (messages) => {
      for (let first = 0; first < messages; first += BATCH_LENGTH) {
        const batch = payloads.slice(0, messages - first);
        window.send(batch.length);
        port.postMessage(batch.map((payload, place) => numbered(payload, first + place)));
      }
      return messages;
    };
  },

  transferred: (port, window, payloadSize) => (messages) => {
    for (let number = 0; number < messages; number++) {
      window.send();
      const payload = numbered(new Uint8Array(payloadSize), number);
      port.postMessage(payload, [payload.buffer]);
    }
    return messages;
  },
};

/** The task of receiving payloads and of checking that they come in order, each of them once. */
export function postReceiver(port: MessagePort, window: Window): Task {
  return (messages) =>
    new Promise((resolve) => {
      let received = 0;
      const receive = (payload: Uint8Array): void => {
        assertNumber(payload, received++);
        window.receive();
      };
      listen(port, (data) => {
        if (Array.isArray(data)) data.forEach(receive);
        else receive(data);
        if (received === messages) resolve(received);
      });
    });
}

/** The types of Node do not know of `onmessage`, which its ports have as those of browsers do. */
function listen(port: MessagePort, receive: (data: Uint8Array | Uint8Array[]) => void): void {
  const listening = port as unknown as { onmessage(event: { data: Uint8Array }): void };
  listening.onmessage = ({ data }) => receive(data);
}
