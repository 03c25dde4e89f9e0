/**
 * Random operations on a stack, and what each makes of its bytes: for the tests that compare a
 * stack with a model, crash it, or let its disk fail. An operation is a few numbers; what it does
 * follows from them and the length that it finds, so that it is always a good one.
 *
 * Source: `specs/bstack.md` section 6.6.
 */
import type { BStack } from '../../src/lib/bstack.js';
import { concatBytes, equalBytes } from '../../src/lib/bytes.js';
import { Chance } from './crash/chance.js';

/** Places are taken modulo what there is; an operation has fewer bytes than the second. */
const PLACES = 2 ** 31;
const COUNT_END = 800;

/** An operation in numbers. */
export interface StackOperation {
  readonly kind: StackOperationKind;
  /** Where, as any number: it is taken modulo what there is. */
  readonly at: number;
  /** How many bytes, at most. */
  readonly count: number;
  /** How many bytes in their place, or where else. */
  readonly other: number;
  /** What bytes. */
  readonly fill: number;
}

/** An operation, both as it is done and as it is thought. */
interface Act {
  readonly run: (stack: BStack, plan: Plan) => void;
  readonly think: (bytes: Uint8Array, plan: Plan) => Uint8Array;
}

/** The numbers of an operation, made to fit the bytes that are there. */
interface Plan {
  readonly length: number;
  readonly offset: number;
  /** Bytes from `offset` on. */
  readonly count: number;
  /** Bytes that can be taken off the end. */
  readonly tail: number;
  /** Another offset from which on there are `count` bytes. */
  readonly elsewhere: number;
  /** `size` bytes that differ from operation to operation. */
  readonly bytes: (size: number) => Uint8Array;
  /** How many bytes to add. */
  readonly added: number;
}

function planOf({ at, count, other, fill }: StackOperation, length: number): Plan {
  const offset = at % (length + 1);
  const fitting = Math.min(count, length - offset);
  return {
    length,
    offset,
    count: fitting,
    tail: Math.min(count, length),
    elsewhere: other % (length - fitting + 1),
    bytes: (size) => Uint8Array.from({ length: size }, (_, index) => fill + 7 * index + 1),
    added: other % 700,
  };
}

/** A copy with other bytes from `offset` on. */
function overwritten(bytes: Uint8Array, offset: number, written: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.set(written, offset);
  return copy;
}

const withTail = (bytes: Uint8Array, removed: number, added: Uint8Array) =>
  concatBytes(bytes.subarray(0, bytes.length - removed), added);

const setRange = (bytes: Uint8Array, { offset, count, bytes: make }: Plan) =>
  overwritten(bytes, offset, make(count));

/** Five writes; there is room between them, unless there are few bytes. */
function scattered({ offset, count, bytes }: Plan) {
  const part = Math.floor(count / 10);
  return [0, 2, 4, 6, 8].map((index) => ({
    offset: offset + index * part,
    bytes: bytes(part + index).subarray(index),
  }));
}

const setScattered = (old: Uint8Array, plan: Plan) =>
  scattered(plan).reduce((bytes, write) => overwritten(bytes, write.offset, write.bytes), old);

const ACTS = {
  push: {
    run: (stack, { bytes, added }) => expectEqual(stack.push(bytes(added)), stack.length - added),
    think: (old, { bytes, added }) => concatBytes(old, bytes(added)),
  },
  extend: {
    run: (stack, { added }) => stack.extend(added),
    think: (old, { added }) => concatBytes(old, new Uint8Array(added)),
  },
  extendSparse: {
    run: (stack, { added, bytes }) =>
      stack.extendSparse(added + 9, [{ offset: added + 1, bytes: bytes(3) }]),
    think: (old, { added, bytes }) =>
      concatBytes(old, new Uint8Array(added + 1), bytes(3), new Uint8Array(5)),
  },
  ensureWith: {
    run: (stack, { length, added, bytes }) =>
      stack.ensureWith(length + added, (target) => target.set(bytes(added))),
    think: (old, { added, bytes }) => concatBytes(old, bytes(added)),
  },
  pop: {
    run: (stack, { tail, length }) => expectSame(stack.peek(length - tail), stack.pop(tail)),
    think: (old, { tail }) => withTail(old, tail, new Uint8Array(0)),
  },
  tryDiscard: {
    run: (stack, { tail, length }) => expectEqual(stack.tryDiscard(length, tail), true),
    think: (old, { tail }) => withTail(old, tail, new Uint8Array(0)),
  },
  resize: {
    run: (stack, { offset }) => stack.resize(offset),
    think: (old, { offset }) => old.slice(0, offset),
  },
  atrunc: {
    run: (stack, { tail, added, bytes }) => stack.atrunc(tail, bytes(added)),
    think: (old, { tail, added, bytes }) => withTail(old, tail, bytes(added)),
  },
  replace: {
    run: (stack, { tail, bytes }) => stack.replace(tail, (old) => concatBytes(bytes(5), old)),
    think: (old, { tail, bytes }) =>
      withTail(old, tail, concatBytes(bytes(5), old.subarray(old.length - tail))),
  },
  set: {
    run: (stack, { offset, count, bytes }) => stack.set(offset, bytes(count)),
    think: setRange,
  },
  swap: {
    run: (stack, { offset, count, bytes }) =>
      expectSame(stack.get(offset, offset + count), stack.swap(offset, bytes(count))),
    think: setRange,
  },
  cas: {
    run: (stack, { offset, count, bytes }) =>
      expectEqual(stack.cas(offset, stack.get(offset, offset + count), bytes(count)), true),
    think: setRange,
  },
  process: {
    run: (stack, { offset, count, bytes }) =>
      stack.process(offset, offset + count, (target) => target.set(bytes(count))),
    think: setRange,
  },
  zero: {
    run: (stack, { offset, count }) => stack.zero(offset, count),
    think: (old, { offset, count }) => overwritten(old, offset, new Uint8Array(count)),
  },
  repeat: {
    run: (stack, { offset, count, bytes }) => stack.repeat(offset, Math.floor(count / 3), bytes(3)),
    think: (old, { offset, count, bytes }) =>
      overwritten(
        old,
        offset,
        Uint8Array.from({ length: count - (count % 3) }, (_, index) => bytes(3)[index % 3]!),
      ),
  },
  copy: {
    run: (stack, { offset, elsewhere, count }) => stack.copy(offset, elsewhere, count),
    think: (old, { offset, elsewhere, count }) =>
      overwritten(old, elsewhere, old.subarray(offset, offset + count)),
  },
  exchange: {
    run: (stack, { length }) => stack.exchange(0, length - (length >> 1), length >> 1),
    think: (old, { length }) => {
      const half = length >> 1;
      const left = old.subarray(0, half);
      const middle = old.subarray(half, length - half);
      return concatBytes(old.subarray(length - half), middle, left);
    },
  },
  setBatched: {
    run: (stack, plan) => stack.setBatched(scattered(plan)),
    think: setScattered,
  },
  edit: {
    run: (stack, plan) =>
      stack.edit((edit) => {
        for (const { offset, bytes } of scattered(plan)) edit.set(offset, bytes);
        edit.zero(plan.offset + (plan.count >> 1), plan.count >> 2);
      }),
    think: (old, plan) => {
      const zeros = new Uint8Array(plan.count >> 2);
      return overwritten(setScattered(old, plan), plan.offset + (plan.count >> 1), zeros);
    },
  },
} satisfies Record<string, Act>;

/** The operations that there are. */
export type StackOperationKind = keyof typeof ACTS;

export const STACK_OPERATIONS = Object.keys(ACTS) as StackOperationKind[];

/** Does an operation on a stack, and checks what it answers. */
export function runOperation(stack: BStack, operation: StackOperation): void {
  ACTS[operation.kind].run(stack, planOf(operation, stack.length));
}

/** What an operation makes of these bytes. */
export function thinkOperation(bytes: Uint8Array, operation: StackOperation): Uint8Array {
  return ACTS[operation.kind].think(bytes, planOf(operation, bytes.length));
}

/** A run of random operations, the same for the same seed. Stacks stay below 2,000 bytes or so. */
export function randomOperations(
  seed: number,
  count: number,
  kinds: readonly StackOperationKind[] = STACK_OPERATIONS,
): StackOperation[] {
  const chance = new Chance(seed);
  return Array.from({ length: count }, () => ({
    kind: chance.pick(kinds),
    at: chance.below(PLACES),
    count: chance.below(COUNT_END),
    other: chance.below(PLACES),
    fill: chance.below(256),
  }));
}

function expectEqual<T>(found: T, expected: T): void {
  if (found !== expected) throw new Error(`expected ${String(expected)}, found ${String(found)}`);
}

/** Throws unless both are the same bytes. */
export function expectSame(found: Uint8Array, expected: Uint8Array): void {
  if (!equalBytes(found, expected)) {
    throw new Error(`expected ${expected.length} bytes, found ${found.length}, or others`);
  }
}
