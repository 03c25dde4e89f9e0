/**
 * The concurrent manager against a map of messages: by one thread, and by three that take turns, one
 * of which leaves now and then.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import { ConcurrentMessageManager } from '../../../src/lib/messages/concurrent-message-manager.js';
import type { MessageManager } from '../../../src/lib/messages/message-manager.js';
import type { WantedManager } from '../../support/message-manager-conformance.js';
import { checkManagerModel } from '../../support/message-manager-model.js';

type Concurrent = ConcurrentMessageManager<string>;

const SEATS = 3;

/** Managers of one store, each of which is asked in its turn. */
const teams = new WeakMap<MessageManager<string>, Concurrent[]>();

function teamOf(wanted: WantedManager): MessageManager<string> {
  const first = ConcurrentMessageManager.create(wanted);
  const managers = [first];
  while (managers.length < SEATS) {
    managers.push(ConcurrentMessageManager.join(first.invite(), wanted));
  }
  let turn = 0;
  const team = new Proxy(first, {
    get(_, name) {
      const manager = managers[turn++ % SEATS]!;
      const value: unknown = Reflect.get(manager, name, manager);
      return typeof value === 'function' ? value.bind(manager) : value;
    },
  });
  teams.set(team, managers);
  return team;
}

const check = (manager: MessageManager<string>) => {
  expect((manager as Concurrent).checkInvariants()).toBeUndefined();
};

test('a concurrent manager does what a map of messages does', () => {
  checkManagerModel({ make: (wanted) => ConcurrentMessageManager.create(wanted), check });
});

test('managers of one store do together what a map of messages does', () => {
  let codec: WantedManager['codec'];
  checkManagerModel({
    make(wanted) {
      codec = wanted.codec;
      return teamOf(wanted);
    },
    // All leave but one, which ends their guards; and as many come again.
    reopen(team) {
      const managers = teams.get(team)!;
      const last = ConcurrentMessageManager.join(managers[0]!.invite(), { codec });
      for (const manager of managers) manager.leave();
      managers.forEach((_, place) => {
        managers[place] = ConcurrentMessageManager.join(last.invite(), { codec });
      });
      last.leave();
      return team;
    },
    check,
  });
});
