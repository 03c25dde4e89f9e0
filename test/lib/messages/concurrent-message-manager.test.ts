import { ConcurrentMessageManager } from '../../../src/lib/messages/concurrent-message-manager.js';
import { describeMessageManager } from '../../support/message-manager-conformance.js';

describeMessageManager(
  'ConcurrentMessageManager',
  (wanted) => ConcurrentMessageManager.create(wanted),
  { slotRule: 'last freed', keepsBytes: true },
);
