/**
 * How often an operation of a stable manager reads and writes its memory. Counted, not timed: the
 * same in every run, and what "it costs the same with any number of slots" means.
 */
import { VectorMemory } from '../../../src/lib/index.js';
import { stepsOf } from './measure-managers.js';
import { messageOf, openStable } from './subjects.js';

const SAMPLE = 100;

/** Of one operation, on the average. */
export interface Accesses {
  readonly operation: string;
  readonly reads: number;
  readonly writes: number;
}

/** Of a manager with so many slots, which is full while messages are read, edited and freed. */
export function measureAccesses(slots: number, payloadSize: number, seed: number): Accesses[] {
  const memory = new CountingMemory();
  const manager = openStable(memory, slots, payloadSize);
  const messages = Array.from({ length: SAMPLE }, (_, number) => messageOf(payloadSize, number));
  for (let stored = SAMPLE; stored < slots; stored++) manager.store(messages[0]!);
  return Array.from(stepsOf(manager, messages, seed), ([operation, work]) => {
    const { reads, writes } = memory;
    work();
    return {
      operation,
      reads: (memory.reads - reads) / SAMPLE,
      writes: (memory.writes - writes) / SAMPLE,
    };
  });
}

class CountingMemory extends VectorMemory {
  reads = 0;
  writes = 0;

  override read(offset: number, target: Uint8Array): void {
    this.reads += 1;
    super.read(offset, target);
  }

  override write(offset: number, source: Uint8Array): void {
    this.writes += 1;
    super.write(offset, source);
  }
}
