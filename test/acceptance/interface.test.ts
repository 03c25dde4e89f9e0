/** The interface that is committed is the one that the canister has, and tells the world. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { dataWasm } from './support/data-canister.js';

const ROOT = new URL('../../', import.meta.url);

test('src/canister/data.did is the interface that the build makes of the canister', async () => {
  const [committed, built] = await Promise.all([
    readFile(new URL('src/canister/data.did', ROOT), 'utf8'),
    readFile(new URL('.azle/data/data.did', ROOT), 'utf8'),
  ]);
  if (committed !== built) {
    throw new Error('it is out of date. Run: cp .azle/data/data.did src/canister/data.did');
  }
});

test('the Wasm carries the same interface, open to everybody', async () => {
  const module = new WebAssembly.Module((await dataWasm()) as BufferSource);
  const sections = WebAssembly.Module.customSections(module, 'icp:public candid:service');
  const committed = await readFile(new URL('src/canister/data.did', ROOT), 'utf8');
  expect(sections.map((section) => Buffer.from(section).toString())).toEqual([committed]);
});
