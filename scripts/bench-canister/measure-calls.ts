/**
 * Has a subject's canister answer whole calls, as a client makes them, with Candid on both sides.
 * What counts is what the replica says that the message cost.
 */
import { IDL } from '@dfinity/candid';
import { assertSame } from './canisters/checks.js';
import { KINDS, type Person } from './canisters/kinds.js';
import { SCAN_LENGTH } from './canisters/works.js';
import type { Figure, MapSubject } from './figures.js';
import type { Method, Session } from './session.js';

/** The map that the calls go to has so many entries before the first of them. */
export const CALLED_MAP_ENTRIES = 10_000;

/** Of calls that cost little, so many are made. */
const CALLS = 10;
const BATCH_LENGTH = 1_000;
const TEXT = 'Hello, stable world!';

const { key: keyOf, value: personOf } = KINDS['text->record'];

const PersonIdl = IDL.Record({
  name: IDL.Text,
  email: IDL.Text,
  age: IDL.Nat32,
  active: IDL.Bool,
});
const EntryIdl = IDL.Record({ key: IDL.Text, person: PersonIdl });
const PlaceIdl = IDL.Record({ key: IDL.Text, position: IDL.Nat32 });

const ECHO = query('echo', [IDL.Text], [IDL.Text]);
const GET = query('get_record', [IDL.Text], [IDL.Opt(PersonIdl)]);
const INSERT = update('insert_record', [IDL.Text, PersonIdl]);
const INSERT_MANY = update('insert_records', [IDL.Vec(EntryIdl)]);
const SCAN = query('scan_page', [PlaceIdl, IDL.Nat32], [IDL.Vec(EntryIdl)]);

interface Entry {
  readonly key: string;
  readonly person: Person;
}

interface WholeCall {
  readonly work: string;
  readonly calls: number;
  /** Makes the call of a number, and checks the answer. Returns what it cost. */
  make(session: Session, number: number): number;
}

const WHOLE_CALLS: readonly WholeCall[] = [
  { work: 'echo text', calls: CALLS, make: echo },
  { work: 'insert record', calls: CALLS, make: insertRecord },
  { work: 'get record', calls: CALLS, make: getRecord },
  { work: `insert ${BATCH_LENGTH} records`, calls: 1, make: insertRecords },
  { work: `scan page of ${SCAN_LENGTH} records`, calls: 1, make: scanPage },
];

/** The names of the works, in the order in which they are done. */
export const CALL_WORKS: readonly string[] = WHOLE_CALLS.map(({ work }) => work);

/** Of a canister whose maps have {@link CALLED_MAP_ENTRIES} entries. */
export function measureCalls(session: Session, subject: MapSubject): Figure[] {
  return WHOLE_CALLS.map(({ work, calls, make }) => {
    const costs = Array.from({ length: calls }, (_, number) => make(session, number));
    const instructions = costs.reduce((sum, cost) => sum + cost, 0);
    return { work, subject, instructions, operations: calls };
  });
}

function echo(session: Session): number {
  const { result, instructions } = session.call(ECHO, TEXT);
  assertSame('echo', result, TEXT);
  return instructions;
}

/** A new record. That it is there is seen when it is asked for. */
function insertRecord(session: Session, number: number): number {
  const index = CALLED_MAP_ENTRIES + number;
  return session.call(INSERT, keyOf(index), personOf(index)).instructions;
}

function getRecord(session: Session, number: number): number {
  return getIndex(session, CALLED_MAP_ENTRIES + number);
}

function getIndex(session: Session, index: number): number {
  const { result, instructions } = session.call(GET, keyOf(index));
  assertSame('record', (result as [] | [Person])[0], personOf(index));
  return instructions;
}

/** New records, in no order. The last of them is asked for afterwards. */
function insertRecords(session: Session): number {
  const first = CALLED_MAP_ENTRIES + CALLS;
  const entries = Array.from({ length: BATCH_LENGTH }, (_, place) => entryOf(first + place));
  const { instructions } = session.call(INSERT_MANY, entries);
  getIndex(session, first + BATCH_LENGTH - 1);
  return instructions;
}

function scanPage(session: Session): number {
  const count = CALLED_MAP_ENTRIES + CALLS + BATCH_LENGTH;
  const sorted = Array.from({ length: count }, (_, index) => entryOf(index)).sort(byKey);
  const position = Math.floor(count / 2);
  const from = { key: sorted[position]!.key, position };
  const { result, instructions } = session.call(SCAN, from, SCAN_LENGTH);
  assertSame('page', result, sorted.slice(position, position + SCAN_LENGTH));
  return instructions;
}

function entryOf(index: number): Entry {
  return { key: keyOf(index), person: personOf(index) };
}

function byKey(left: Entry, right: Entry): number {
  return left.key < right.key ? -1 : 1;
}

function query(name: string, parameters: IDL.Type[], results: IDL.Type[] = []): Method {
  return { name, mode: 'query', parameters, results };
}

function update(name: string, parameters: IDL.Type[], results: IDL.Type[] = []): Method {
  return { name, mode: 'update', parameters, results };
}
