/** Holds a message of the page's until it is told to commit. */
import { blob } from '../../src/lib/codecs/index.js';
import { ConcurrentMessageManager } from '../../src/lib/messages/concurrent-message-manager.js';

self.onmessage = ({ data: { invitation, token } }) => {
  const guard = ConcurrentMessageManager.join(invitation, { codec: blob(8) }).readMut(token);
  self.onmessage = () => {
    guard.payload = Uint8Array.of(7);
    guard.commit();
  };
  self.postMessage('holds');
};
