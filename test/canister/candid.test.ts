import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import { printInterface } from '../../scripts/candid/print.js';
import { idlFactory, namedTypes, signatures } from '../../src/canister/candid.js';

function textOf(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

const INTERFACE = textOf('src/canister/data.did');

test('the committed interface is current', () => {
  const named = namedTypes(IDL);
  if (printInterface(idlFactory({ IDL }, named), named) !== INTERFACE) {
    throw new Error('src/canister/data.did is out of date. Run: npm run generate:did');
  }
});

test('the names in the committed interface stand for the types of the methods', () => {
  const definitions = Array.from(
    INTERFACE.matchAll(/^type (\w+) = ([\s\S]*?);$(?=\n\n)/gm),
    ([, name, text]) => [name!, text!] as const,
  );
  let service = INTERFACE.slice(INTERFACE.indexOf('service : '));
  for (const [name, text] of definitions.reverse()) {
    service = service.replaceAll(new RegExp(`\\b${name}\\b(?! :)(?!;$)`, 'g'), text);
  }
  expect(fieldsSorted(service)).toBe(fieldsSorted(idlFactory({ IDL }).display()));
});

test('every method of the canister is declared by its signature, under its own name', () => {
  const edge = textOf('src/canister/index.ts');
  const declared = Array.from(
    edge.matchAll(/@(?:update|query)\(\.\.\.method\.(\w+)\)\n {2}(\w+)\(/g),
    ([, signature, method]) => [signature, method],
  );
  const names = Object.keys(signatures(IDL));
  expect(declared.sort()).toEqual(names.map((name) => [name, name]).sort());
  const queries = idlFactory({ IDL })._fields.filter(([, func]) => func.annotations.length > 0);
  for (const [name] of queries) expect(edge).toContain(`@query(...method.${name})`);
});

/** Notation aside: blanks, quotes, `blob`, and the order of fields. */
function fieldsSorted(candid: string): string {
  return candid
    .replaceAll('vec nat8', 'blob')
    .replaceAll(/[\s"]/g, '')
    .split(/[;{}():,]/)
    .filter((word) => word !== '' && word !== 'null')
    .sort()
    .join(' ');
}
