/**
 * Where a function is rewritten, and how much each of its blocks costs. A function falls into
 * blocks that run from their beginning to their end; the cost of each is known beforehand and is
 * taken at its beginning.
 *
 *     entry    a function or the body of a loop begins: count, and check what is left, since
 *              nothing runs for ever without passing here
 *     block    any other block begins: count
 *     length   before an operation on a range: count its length, which lies on top of the stack
 *     call     behind a call, which has counted, too
 *     grow     in place of `memory.grow`, which the host has to watch
 *     change   before something that changes a table or gives up a segment: the host has to know
 *
 * A block ends behind each branch, each `else` and each `end`, whether or not anybody jumps there:
 * the real replica does the same, and the counts are to be equal.
 *
 * Source: specs/replica.md section 6.1, "How the replica injects it".
 */
import { InstructionReader } from '../../../wasm/instructions.js';
import { opcode, OPCODE_LIMIT } from '../../../wasm/opcodes.js';
import { FUNCTION_ENTRY_WEIGHT, WEIGHT_OF } from './weights.js';

export type PointKind = 'entry' | 'block' | 'length' | 'call' | 'grow' | 'change';

export interface Point {
  readonly kind: PointKind;
  /** Where in the function's code. */
  readonly offset: number;
  /** Where the function's own code goes on; elsewhere than `offset` where something is replaced. */
  readonly resume: number;
  /** Of the block that begins here. */
  cost: number;
}

/** What an instruction means here; some mean two things. */
const Role = {
  endsBlock: 1,
  beginsLoop: 2,
  takesLength: 4,
  calls: 8,
  grows: 16,
  changes: 32,
} as const;

const ROLES = new Uint8Array(OPCODE_LIMIT);

function assignRole(role: keyof typeof Role, names: string): void {
  for (const name of names.split(' ')) ROLES[opcode(name)]! |= Role[role];
}

assignRole('beginsLoop', 'loop');
assignRole('endsBlock', 'if else end br br_if br_table return unreachable');
assignRole('endsBlock', 'return_call return_call_indirect');
assignRole('takesLength', 'memory.fill memory.copy memory.init table.fill table.copy table.init');
assignRole('calls', 'call call_indirect');
assignRole('grows', 'memory.grow');
assignRole('changes', 'table.set table.grow table.fill table.copy table.init');
assignRole('changes', 'elem.drop data.drop');

/** The points of a function, in order. Throws `WasmFormatError` where the code is malformed. */
export function findPoints(code: Uint8Array): Point[] {
  const reader = new InstructionReader(code);
  let block: Point = { kind: 'entry', offset: 0, resume: 0, cost: FUNCTION_ENTRY_WEIGHT };
  const points = [block];
  while (reader.next()) {
    block.cost += WEIGHT_OF[reader.opcode]!;
    const roles = ROLES[reader.opcode]!;
    if (roles === 0) continue;
    const { start, end } = reader;
    if (roles & (Role.endsBlock | Role.beginsLoop)) {
      const kind = roles & Role.beginsLoop ? 'entry' : 'block';
      block = { kind, offset: end, resume: end, cost: 0 };
      points.push(block);
    }
    if (roles & Role.calls) points.push({ kind: 'call', offset: end, resume: end, cost: 0 });
    if (roles & Role.grows) points.push({ kind: 'grow', offset: start, resume: end, cost: 0 });
    for (const [role, kind] of BEFORE) {
      if (roles & role) points.push({ kind, offset: start, resume: start, cost: 0 });
    }
  }
  return points;
}

/** What is inserted before an instruction that stays. */
const BEFORE: readonly (readonly [number, PointKind])[] = [
  [Role.takesLength, 'length'],
  [Role.changes, 'change'],
];
