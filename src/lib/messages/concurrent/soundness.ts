/**
 * Whether a store is as it must be while no thread is at work: every slot is where its lock says,
 * and none is lost or listed twice. Complete and slow, for tests and tools.
 *
 * Source: house style rule 16.
 */
import type { AtomicMemory } from './atomic-memory.js';
import type { SlotPlaces } from './layout.js';
import { FREE, hasMessage, holderOf, kindOf, RETIRED } from './lock-word.js';
import type { SharedSlots } from './shared-slots.js';
import type { SlotStack } from './slot-stack.js';

/** The first rule that does not hold, in words, or `undefined`. O(bytes of all slots). */
export function unsound(
  memory: AtomicMemory,
  places: SlotPlaces,
  slots: SharedSlots,
): string | undefined {
  const listed = new Set<number>();
  for (const [stack, resting] of [
    [slots.free, FREE],
    [slots.retired, RETIRED],
  ] as const) {
    const problem = unsoundList(stack, resting, slots, listed);
    if (problem !== undefined) return problem;
  }
  for (let index = 0; index < places.capacity; index++) {
    const lock = slots.lockAt(index);
    if (hasMessage(lock)) continue;
    if (!listed.has(index)) return `slot ${index} is lost: it is ${holderOf(lock)}`;
    const bytes = memory.copy(places.messageOf(index), places.messageSize);
    if (bytes.some((byte) => byte !== 0)) return `slot ${index} is free and not cleared`;
  }
  return undefined;
}

function unsoundList(
  stack: SlotStack,
  resting: number,
  slots: SharedSlots,
  listed: Set<number>,
): string | undefined {
  const { depth } = stack;
  const indices = [...stack.indices()];
  if (indices.length !== depth) return `a list of ${indices.length} slots says ${depth}`;
  for (const index of indices) {
    const lock = slots.lockAt(index);
    if (kindOf(lock) !== resting) return `slot ${index} is listed, and ${holderOf(lock)}`;
    if (listed.has(index)) return `slot ${index} is listed twice`;
    listed.add(index);
  }
  return undefined;
}
