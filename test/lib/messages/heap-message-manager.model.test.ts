/**
 * The heap manager against a map of messages.
 *
 * Source: house style rule 24.
 */
import { test } from '@jest/globals';
import { describedBy } from '../../../src/lib/messages/buffer-descriptor.js';
import { HeapMessageManager } from '../../../src/lib/messages/heap-message-manager.js';
import { checkManagerModel } from '../../support/message-manager-model.js';

test('a heap manager does what a map of messages does', () => {
  checkManagerModel({
    make: ({ codec, ...others }) =>
      HeapMessageManager.create({ ...others, describe: describedBy(codec) }),
  });
});
