/**
 * The canister of a subject: the works on its maps, and methods as a user's canister has them,
 * which are measured from outside as whole calls.
 */
import { IDL, type query as Query, type update as Update } from 'azle';
import type { Person } from './kinds.js';
import { carryOut } from './map-works.js';
import type { OrderedMap, OrderedMaps, Place } from './ordered-map.js';
import type { MapRequest } from './works.js';

const WorkIdl = IDL.Record({
  kind: IDL.Text,
  work: IDL.Text,
  entries: IDL.Nat32,
  operations: IDL.Nat32,
});
const PersonIdl = IDL.Record({
  name: IDL.Text,
  email: IDL.Text,
  age: IDL.Nat32,
  active: IDL.Bool,
});
const PlaceIdl = IDL.Record({ key: IDL.Text, position: IDL.Nat32 });
const EntryIdl = IDL.Record({ key: IDL.Text, person: PersonIdl });

interface Entry {
  readonly key: string;
  readonly person: Person;
}

/** Azle's decorators, or ours. */
interface Decorators {
  readonly query: typeof Query;
  readonly update: typeof Update;
}

/** The canister class over these maps, for Azle's `export default`. */
export function benchmark(maps: OrderedMaps, { query, update }: Decorators) {
  const people = maps['text->record'] as OrderedMap<string, Person>;
  return class {
    /** Returns the instructions of all operations together. */
    @update([WorkIdl], IDL.Nat64)
    work(request: MapRequest): bigint {
      return carryOut(maps, request);
    }

    @query([IDL.Text], IDL.Text)
    echo(text: string): string {
      return text;
    }

    @query([IDL.Text], IDL.Opt(PersonIdl))
    get_record(key: string): [] | [Person] {
      const person = people.map.get(key);
      return person === undefined ? [] : [person];
    }

    @update([IDL.Text, PersonIdl])
    insert_record(key: string, person: Person): void {
      people.map.insert(key, person);
    }

    @update([IDL.Vec(EntryIdl)])
    insert_records(entries: Entry[]): void {
      people.insertMany(entries.map(({ key, person }) => [key, person]));
    }

    @query([PlaceIdl, IDL.Nat32], IDL.Vec(EntryIdl))
    scan_page(from: Place<string>, limit: number): Entry[] {
      return people.scan(from, limit).map(([key, person]) => ({ key, person }));
    }
  };
}
