/** Has the canister `heap` go through the plans of its structures, and notes what that costs. */
import { IDL } from '@dfinity/candid';
import {
  operationsOf,
  type Order,
  type Plan,
  type StructureRequest,
} from '../canisters/heap/plan.js';
import type { Figure } from '../figures.js';
import type { Method, Session } from '../session.js';

const WORK: Method = {
  name: 'work_on_structure',
  mode: 'update',
  parameters: [
    IDL.Record({
      structure: IDL.Text,
      work: IDL.Text,
      entries: IDL.Nat32,
      order: IDL.Text,
    }),
  ],
  results: [IDL.Nat64],
};

/** What a work is called in the figures. */
export function structureWorkName(
  { structure, entries }: Pick<Plan, 'structure' | 'entries'>,
  order: Order,
  work: string,
): string {
  return `${work} ${structure} ${order} ${entries}`;
}

/** Of structures that begin empty, in the canister as it was installed. */
export function measureStructure(session: Session, plan: Plan, order: Order): Figure[] {
  const { structure, entries, works } = plan;
  return works.map((work) => {
    const request: StructureRequest = { structure, work, entries, order };
    const instructions = Number(session.call(WORK, request).result);
    const operations = operationsOf(work, entries);
    return {
      work: structureWorkName(plan, order, work),
      subject: 'heap',
      instructions,
      operations,
    };
  });
}
