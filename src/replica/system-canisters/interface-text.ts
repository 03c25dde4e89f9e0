/**
 * The Candid interface of a system canister as a text, made from the types that it decodes and
 * encodes with. Tools read it, to show the names of fields and not their hashes.
 *
 * Source: the Candid specification, "Interfaces".
 */
import type { IDL } from '@dfinity/candid';

import type { SystemMethod, SystemMethods } from './system-canister.js';

export function interfaceText(methods: SystemMethods): string {
  const entries = Object.entries(methods);
  const lines = entries.map(([name, method]) => `  ${name} : ${signatureOf(method)};\n`);
  return `service : {\n${lines.join('')}}\n`;
}

function signatureOf({ argument, result, kind }: SystemMethod): string {
  const annotation = kind === 'query' ? ' query' : '';
  return `(${textOf(argument)}) -> (${textOf(result)})${annotation}`;
}

function textOf(types: readonly IDL.Type[]): string {
  return types.map((type) => type.display()).join(', ');
}
