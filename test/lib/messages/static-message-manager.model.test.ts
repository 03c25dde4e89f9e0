/**
 * The static manager against a map of messages.
 *
 * Source: house style rule 24.
 */
import { test } from '@jest/globals';
import { StaticMessageManager } from '../../../src/lib/messages/static-message-manager.js';
import { checkManagerModel } from '../../support/message-manager-model.js';

test('a static manager does what a map of messages does', () => {
  checkManagerModel({
    make: ({ capacity, ...others }) => StaticMessageManager.create({ depth: capacity, ...others }),
  });
});
