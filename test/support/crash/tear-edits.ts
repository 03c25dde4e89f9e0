/**
 * Takes from a stack what makes an edit whole: each write of it goes to the stack by itself, as the
 * originals of the allocators do it. A trial of an allocator on such a stack must fail.
 */
import type { BStack } from '../../../src/lib/bstack.js';
import type { StackEdit } from '../../../src/lib/bstack/stack-edit.js';

/** The stack, with edits that are written from their first write to the last, or the other way. */
export function tearEdits(stack: BStack, order: 'forwards' | 'backwards' = 'forwards'): BStack {
  const whole = stack.edit.bind(stack);
  stack.edit = <R>(change: (edit: StackEdit) => R): R => {
    const spans: [start: number, end: number][] = [];
    let writes: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
    // An edit that throws writes nothing, so that reading works as in a real one.
    const result = withoutCommit(whole, (edit) => {
      const answer = change(watched(edit, (start, end) => spans.push([start, end])));
      writes = spans.map(([start, end]) => ({ offset: start, bytes: edit.get(start, end) }));
      return answer;
    });
    if (order === 'backwards') writes.reverse();
    for (const { offset, bytes } of writes) stack.set(offset, bytes);
    return result;
  };
  return stack;
}

/** The edit; tells of each write. */
function watched(edit: StackEdit, onWrite: (start: number, end: number) => void): StackEdit {
  return {
    length: edit.length,
    get: (start, end) => edit.get(start, end),
    getInto: (offset, target) => edit.getInto(offset, target),
    set(offset, bytes) {
      edit.set(offset, bytes);
      onWrite(offset, offset + bytes.length);
    },
    zero(offset, count) {
      edit.zero(offset, count);
      onWrite(offset, offset + count);
    },
  };
}

/** Carries what an edit has answered past its end. */
class Discarded extends Error {
  constructor(readonly result: unknown) {
    super('discarded');
  }
}

function withoutCommit<R>(edit: BStack['edit'], change: (edit: StackEdit) => R): R {
  try {
    edit((each) => {
      throw new Discarded(change(each));
    });
  } catch (error) {
    if (error instanceof Discarded) return error.result as R;
    throw error;
  }
  throw new Error('an edit that throws has returned');
}
