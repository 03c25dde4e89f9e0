/** Has a subject's canister do the works on its maps, and notes what they cost. */
import { IDL } from '@dfinity/candid';
import { KIND_NAMES, type KindName } from './canisters/kinds.js';
import { MAP_WORKS, operationsOf, type MapRequest } from './canisters/works.js';
import type { Figure, MapSubject } from './figures.js';
import type { Method, Session } from './session.js';

const WORK: Method = {
  name: 'work',
  mode: 'update',
  parameters: [
    IDL.Record({
      kind: IDL.Text,
      work: IDL.Text,
      entries: IDL.Nat32,
      operations: IDL.Nat32,
    }),
  ],
  results: [IDL.Nat64],
};

/** Of maps with so many entries each; the canister has them already. */
export function measureMaps(session: Session, subject: MapSubject, entries: number): Figure[] {
  return KIND_NAMES.flatMap((kind) => measureMap(session, subject, kind, entries));
}

function measureMap(
  session: Session,
  subject: MapSubject,
  kind: KindName,
  entries: number,
): Figure[] {
  return MAP_WORKS.map((work) => {
    const operations = operationsOf(work, entries);
    const request: MapRequest = { kind, work, entries, operations };
    const instructions = Number(session.call(WORK, request).result);
    return { work: `${work} ${kind} ${entries}`, subject, instructions, operations };
  });
}
