/**
 * What a user has with this library: messages lie in a manager that threads share, and what is
 * handed on is a token.
 */
import {
  Message,
  receive,
  send,
  type MessageManager,
  type MessageToken,
  type TokenConsumer,
  type TokenProducer,
} from '../../../src/lib/index.js';
import type { Task } from './parts.js';
import { assertNumber, numbered } from './payloads.js';
import type { Window } from './window.js';

type Manager = MessageManager<Uint8Array>;

/** Messages of a keeper that are stored at the same time. */
const KEPT = 16;

/** Stores messages and hands their tokens on. */
export function tokenSender(
  manager: Manager,
  producer: TokenProducer,
  window: Window,
  payloadSize: number,
): Task {
  const message = Message.of(new Uint8Array(payloadSize));
  return (messages) => {
    for (let number = 0; number < messages; number++) {
      window.send();
      numbered(message.payload, number);
      send(producer, manager, message);
    }
    return messages;
  };
}

/** Takes the tokens, reads the messages, which have to come in order, and frees them. */
export function tokenReceiver(manager: Manager, consumer: TokenConsumer, window: Window): Task {
  return (messages) => {
    let received = 0;
    while (received < messages) {
      consumer.wait();
      const { isReceived } = receive(consumer, manager, ({ payload }) =>
        assertNumber(payload, received),
      );
      if (!isReceived) continue;
      received += 1;
      window.receive();
    }
    return received;
  };
}

/** Stores some messages, reads each of them, frees them, and so on. */
export function keeper(manager: Manager, payloadSize: number): Task {
  const message = Message.of(new Uint8Array(payloadSize));
  return (messages) => {
    for (let first = 0; first < messages; first += KEPT) {
      const tokens: MessageToken[] = [];
      for (let number = first; number < Math.min(first + KEPT, messages); number++) {
        numbered(message.payload, number);
        tokens.push(manager.store(message));
      }
      tokens.forEach((token, place) => {
        const guard = manager.read(token);
        assertNumber(guard.payload, first + place);
        guard.release();
      });
      for (const token of tokens) manager.free(token);
    }
    return messages;
  };
}
