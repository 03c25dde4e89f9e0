/** The interface that is committed is the one that the canister tells the world. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { dataWasm } from './support/data-canister.js';

const ROOT = new URL('../../', import.meta.url);

test('the Wasm carries the same interface, open to everybody', async () => {
  const module = new WebAssembly.Module((await dataWasm()) as BufferSource);
  const sections = WebAssembly.Module.customSections(module, 'icp:public candid:service');
  const committed = await readFile(new URL('src/canister/data.did', ROOT), 'utf8');
  expect(sections.map((section) => Buffer.from(section).toString())).toEqual([committed]);
});
