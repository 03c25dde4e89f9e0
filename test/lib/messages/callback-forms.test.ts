import { expect, test } from '@jest/globals';
import { CallbackForms } from '../../../src/lib/messages/callback-forms.js';
import { HeapMessageManager } from '../../../src/lib/messages/heap-message-manager.js';
import type { MessageToken } from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';

/** Hands out the guards of a manager, and nothing else. */
class Forms extends CallbackForms<Uint8Array> {
  readonly manager = HeapMessageManager.create<Uint8Array>({ capacity: 1 });

  peekHeader(token: MessageToken) {
    return this.manager.peekHeader(token);
  }

  read(token: MessageToken) {
    return this.manager.read(token);
  }

  readMut(token: MessageToken) {
    return this.manager.readMut(token);
  }
}

test('each form takes the guard of its name, and has given it back at the end', () => {
  const forms = new Forms();
  const token = forms.manager.store(Message.of(Uint8Array.of(1), { traceId: 7n }));
  expect(forms.withHeader(token, ({ header }) => header.traceId)).toBe(7n);
  expect(forms.withRead(token, ({ payload }) => payload)).toEqual(Uint8Array.of(1));
  forms.withWrite(token, (guard) => (guard.payload = Uint8Array.of(2)));
  expect(forms.manager.borrowed).toBe(0);
  expect(forms.manager.take(token).payload).toEqual(Uint8Array.of(2));
});
