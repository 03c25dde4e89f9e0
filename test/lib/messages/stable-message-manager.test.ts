import { StableMessageManager } from '../../../src/lib/messages/stable-message-manager.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { describeMessageManager } from '../../support/message-manager-conformance.js';

describeMessageManager(
  'StableMessageManager',
  (wanted) => StableMessageManager.create(new VectorMemory(), wanted),
  { slotRule: 'last freed', keepsBytes: true },
);
