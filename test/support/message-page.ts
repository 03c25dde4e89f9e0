/**
 * A page that shares messages with a worker of its own: what its main thread is told while the
 * worker holds a message, and then.
 */
import { blob } from '../../src/lib/codecs/index.js';
import { ConcurrentMessageManager } from '../../src/lib/messages/concurrent-message-manager.js';
import { Message } from '../../src/lib/messages/message.js';
import { codeOf } from './memories.js';

const manager = ConcurrentMessageManager.create({
  codec: blob(8),
  capacity: 2,
  clock: performance,
});

async function share(): Promise<unknown[]> {
  const token = manager.store(Message.of(Uint8Array.of(1)));
  const worker = new Worker(new URL('message-page-worker.js', import.meta.url), { type: 'module' });
  const holds = new Promise((resolve) => (worker.onmessage = resolve));
  worker.postMessage({ invitation: manager.invite(), token });
  await holds;
  const refusals = [
    codeOf(() => manager.read(token)),
    codeOf(() => manager.read(token, { timeout: 1_000 })),
  ];
  const waiting = manager.readAsync(token, { timeout: 30_000 });
  worker.postMessage('commit');
  const guard = await waiting;
  return [...refusals, [...guard.payload]];
}

Object.assign(globalThis, { outcome: share() });
