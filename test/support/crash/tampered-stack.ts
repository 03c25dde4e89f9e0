/**
 * A stack that does not do all that it is asked to, for the tests that must fail on it. What it can
 * be told to do wrong:
 *
 *     singly     an edit is what it is upstream: one write after another, each with its syncs,
 *                between setting the recovery flag of a FirstFit arena and clearing it
 *     loses      single writes that never reach the file
 *
 * Source: `specs/bstack.md` sections 3.2 and 4.4.
 */
import type { BStack } from '../../../src/lib/bstack.js';
import { FIRST_FIT_HEADER_LAYOUT } from '../../../src/lib/bstack-allocators/first-fit/header.js';
import type { StackEdit } from '../../../src/lib/bstack/stack-edit.js';

export interface Tampering {
  readonly singly?: boolean;
  /** Whether a write is lost. Those of an edit are told from those that stand alone. */
  loses?(offset: number, bytes: Uint8Array, isInEdit: boolean): boolean;
}

type Change<R> = (edit: StackEdit) => R;

/** The stack, tampered with. What is not told to be wrong goes to the stack itself. */
export function tampered(stack: BStack, { singly = false, loses = () => false }: Tampering) {
  const edit = <R>(change: Change<R>): R =>
    singly
      ? editSingly(stack, change, loses)
      : stack.edit((pending) => change(lossy(pending, loses)));
  const set = (offset: number, bytes: Uint8Array): void => {
    if (!loses(offset, bytes, false)) stack.set(offset, bytes);
  };
  return new Proxy(stack, {
    get(_, name) {
      if (name === 'edit') return edit;
      if (name === 'set') return set;
      const member: unknown = Reflect.get(stack, name, stack);
      return typeof member === 'function' ? member.bind(stack) : member;
    },
  });
}

type Loses = NonNullable<Tampering['loses']>;

function lossy(edit: StackEdit, loses: Loses): StackEdit {
  return {
    length: edit.length,
    get: (start, end) => edit.get(start, end),
    getInto: (offset, target) => edit.getInto(offset, target),
    zero: (offset, count) => edit.zero(offset, count),
    set(offset, bytes) {
      if (!loses(offset, bytes, true)) edit.set(offset, bytes);
    },
  };
}

function editSingly<R>(stack: BStack, change: Change<R>, loses: Loses): R {
  const FLAGS = FIRST_FIT_HEADER_LAYOUT.flags;
  let changesFlag = false;
  const direct: StackEdit = {
    length: stack.length,
    get: (start, end) => stack.get(start, end),
    getInto: (offset, target) => stack.getInto(offset, target),
    zero: (offset, count) => stack.zero(offset, count),
    set(offset, bytes) {
      if (offset === FLAGS) changesFlag = true;
      if (!loses(offset, bytes, true)) stack.set(offset, bytes);
    },
  };
  stack.set(FLAGS, Uint8Array.of(1));
  const result = change(direct);
  if (!changesFlag) stack.set(FLAGS, Uint8Array.of(0));
  return result;
}
