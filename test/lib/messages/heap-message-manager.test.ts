import { describedBy } from '../../../src/lib/messages/buffer-descriptor.js';
import { HeapMessageManager } from '../../../src/lib/messages/heap-message-manager.js';
import { describeMessageManager } from '../../support/message-manager-conformance.js';

describeMessageManager(
  'HeapMessageManager',
  ({ codec, ...others }) => HeapMessageManager.create({ ...others, describe: describedBy(codec) }),
  { slotRule: 'lowest', keepsBytes: false },
);
