/**
 * What `npm start` asks the canister, and what the right answers are: the expected ones are worked
 * out from the package's data, in plain JavaScript.
 */
import type { Page, ScanRequest } from '../../src/canister/scan.js';
import { decodeUtf8, equalBytes } from '../../src/lib/index.js';
import { biggestFirst, cityRecord, countryPrefix, type City } from './cities.js';
import { ok, type DataCanister } from './session.js';

const PAGE_LIMIT = 250;

/** A question in words, how to ask it, and the right answer. */
export interface Question {
  readonly text: string;
  readonly expected: readonly string[];
  ask(canister: DataCanister): Promise<string[]>;
}

export function questionsAbout(cities: readonly City[]): Question[] {
  const zurich = cities.find(({ name, country }) => name === 'Zürich' && country === 'CH')!;
  return [
    lengthOf('cities', cities.length),
    lengthOf('by_country', cities.length),
    cityWithId(zurich),
    allOfCountry(cities, 'LI', 'Liechtenstein'),
    biggestOfCountry(cities, 'JP', 'Japan'),
    pagedCountry(cities, 'CH', 'Switzerland'),
  ];
}

function lengthOf(map: string, length: number): Question {
  return {
    text: `How many entries has the map ${map}?`,
    expected: [String(length)],
    ask: async (canister) => [String(ok(await canister.length(map)))],
  };
}

function cityWithId(city: City): Question {
  return {
    text: `Which city has the id ${city.id}?`,
    expected: [describe(city)],
    ask: async (canister) => {
      const [value] = ok(await canister.get('cities', { nat64: BigInt(city.id) }));
      return value === undefined ? [] : [describe(cityRecord.decode(value))];
    },
  };
}

/** A prefix search. */
function allOfCountry(cities: readonly City[], country: string, name: string): Question {
  return {
    text: `Which cities has ${name}?`,
    expected: namesOf(cities, country),
    ask: async (canister) => names(ok(await canister.scan('by_country', scan(country, {})))),
  };
}

function biggestOfCountry(cities: readonly City[], country: string, name: string): Question {
  return {
    text: `Which are the ten biggest cities of ${name}?`,
    expected: namesOf(cities, country).slice(0, 10),
    ask: async (canister) =>
      names(ok(await canister.scan('by_country', scan(country, { limit: [10] })))),
  };
}

/** Page after page, each through the cursor of the one before. */
function pagedCountry(cities: readonly City[], country: string, name: string): Question {
  return {
    text: `Which cities has ${name}, ${PAGE_LIMIT} a page?`,
    expected: namesOf(cities, country),
    ask: async (canister) => {
      const found: string[] = [];
      let cursor: [] | [Uint8Array] = [];
      do {
        const request = scan(country, { limit: [PAGE_LIMIT], cursor });
        const page: Page = ok(await canister.scan('by_country', request));
        found.push(...names(page));
        if (isStuck(cursor, page.next)) throw new Error('a page led back to itself');
        cursor = page.next;
      } while (cursor.length > 0);
      return found;
    },
  };
}

function scan(country: string, fields: Partial<ScanRequest>): ScanRequest {
  const prefix: ScanRequest['prefix'] = [{ blob: countryPrefix(country) }];
  return { from: [], to: [], prefix, limit: [], reverse: [], cursor: [], ...fields };
}

function isStuck([before]: [] | [Uint8Array], [next]: [] | [Uint8Array]): boolean {
  return before !== undefined && next !== undefined && equalBytes(before, next);
}

function names(page: Page): string[] {
  return page.entries.map(({ value }) => decodeUtf8(Uint8Array.from(value)));
}

function namesOf(cities: readonly City[], country: string): string[] {
  return biggestFirst(cities.filter((city) => city.country === country)).map(({ name }) => name);
}

function describe({ name, country, population }: Omit<City, 'id'>): string {
  return `${name} (${country}), ${population} people`;
}
