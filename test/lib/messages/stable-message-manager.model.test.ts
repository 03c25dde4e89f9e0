/**
 * The stable manager against a map of messages, reopened in the middle as after an upgrade.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { StableMessageManager } from '../../../src/lib/messages/stable-message-manager.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { checkManagerModel } from '../../support/message-manager-model.js';
import { ProbeCodec } from '../../support/messages.js';

test('a stable manager does what a map of messages does, also after an upgrade', () => {
  checkManagerModel({
    make: (wanted) => {
      const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
      manager.get(1).grow(1);
      return StableMessageManager.init(manager.get(0), wanted);
    },
    reopen(manager) {
      const memory = (manager as StableMessageManager<string>).intoMemory();
      return StableMessageManager.load(memory, { codec: new ProbeCodec() });
    },
    check(manager) {
      expect((manager as StableMessageManager<string>).checkInvariants()).toBeUndefined();
    },
  });
});
