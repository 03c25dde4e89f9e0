/**
 * What the original got wrong in its first format, tried on ours.
 *
 * Source: `specs/bstack.md` section 1.7.
 */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../src/lib/bstack.js';
import { equalBytes } from '../../src/lib/bytes.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { crashStates } from '../support/crash/crash-states.js';
import { RecordingDisk, type DiskImage } from '../support/crash/recording-disk.js';

const OLD = Uint8Array.from({ length: 900 }, (_, index) => index * 3);
const NEW = new Uint8Array(700).fill(0xee);

/** The disk with a stack of the old bytes. */
function start(): DiskImage {
  const disk = new RecordingDisk();
  BStack.open(disk.open()).push(OLD);
  return disk.image();
}

/** What a crash leaves of one operation: of its middle, or of the time after it. */
function outcomes(change: (stack: BStack) => void, when: 'within' | 'after'): Set<string> {
  const disk = new RecordingDisk(start());
  const stack = BStack.open(disk.open());
  change(stack);
  const after = stack.peek(0);
  const from = when === 'after' ? disk.events.length : 0;
  const found = new Set<string>();
  for (const { image } of crashStates(start(), disk.events, { from, powerLosses: 20 })) {
    const bytes = BStack.open(new RecordingDisk(image).open()).peek(0);
    const isOld = equalBytes(bytes, OLD);
    found.add(isOld ? 'before' : equalBytes(bytes, after) ? 'after' : 'torn');
  }
  return found;
}

const TAILS: [string, (stack: BStack) => void][] = [
  ['atrunc to more', (stack) => stack.atrunc(300, NEW)],
  ['atrunc to less', (stack) => stack.atrunc(800, NEW)],
  ['splice', (stack) => stack.splice(300, NEW)],
  ['replace', (stack) => stack.replace(800, () => NEW)],
];

describe('defect: a power loss could undo a tail that was replaced, its length not synced', () => {
  test.each(TAILS)('%s is there to stay', (_, change) => {
    expect([...outcomes(change, 'after')]).toEqual(['after']);
  });
});

describe('defect: a crash within a new tail left its bytes in the old one', () => {
  test.each(TAILS)('%s is done or not done', (_, change) => {
    expect([...outcomes(change, 'within')].sort()).toEqual(['after', 'before']);
  });
});

describe('defect: a write of more than one block could tear', () => {
  test.each<[string, (stack: BStack) => void]>([
    ['set', (stack) => stack.set(100, NEW)],
    ['zero', (stack) => stack.zero(100, 700)],
    ['swap', (stack) => stack.swap(100, NEW)],
    ['cas', (stack) => stack.cas(100, OLD.subarray(100, 800), NEW)],
    ['process', (stack) => stack.process(100, 800, (bytes) => bytes.reverse())],
  ])('%s is done or not done', (_, change) => {
    expect([...outcomes(change, 'within')].sort()).toEqual(['after', 'before']);
  });
});

describe('defect: a damaged length cuts the stack without a word', () => {
  const LENGTH_OFFSET = 8;

  // An interrupted push looks the same, and the format has no checksum: this one is still there.
  test('it does where it is too small', () => {
    const bytes = start().get('file')!.slice();
    bytes[LENGTH_OFFSET + 1]! -= 1;
    expect(BStack.open(new HeapStorage(bytes)).peek(0)).toEqual(OLD.subarray(0, 900 - 256));
  });

  test('it does not where it is too large', () => {
    const bytes = start().get('file')!.slice();
    bytes[LENGTH_OFFSET + 3]! += 1;
    expect(BStack.open(new HeapStorage(bytes)).peek(0)).toEqual(OLD);
  });
});
