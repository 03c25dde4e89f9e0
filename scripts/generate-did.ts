/**
 * `npm run generate:did`: writes `src/canister/data.did`, the interface of the data canister, from
 * the types that its methods are declared with. A test holds the file to be current.
 */
import { writeFile } from 'node:fs/promises';
import { IDL } from '@dfinity/candid';
import { idlFactory, namedTypes } from '../src/canister/candid.js';
import { printInterface } from './candid/print.js';

const named = namedTypes(IDL);
const text = printInterface(idlFactory({ IDL }, named), named);
await writeFile(new URL('../src/canister/data.did', import.meta.url), text);
