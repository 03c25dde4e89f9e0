/**
 * What a canister may export: entry points that take nothing and give nothing back, under names
 * that each stand for one method, and whatever else it likes outside of the names kept for the
 * system.
 *
 * Source: IC interface specification, "Entry points"; specs/replica.md section 4.3.
 */
import { functionTypeIndices, readFunctionTypes } from '../../../wasm/function.js';
import { ExternKind, readExports, type Section } from '../../../wasm/module.js';
import { ExportName } from '../../entry-point.js';
import { refuseSignature } from './signature.js';

const METHODS_MAX = 1000;
const NAMES_SIZE_MAX = 20_000;

const METHOD_EXPORT = /^canister_(?:update|query|composite_query) (.*)$/s;
const RESERVED_PREFIX = 'canister_';
/** The names of what the host itself adds to the module. */
const HOST_PREFIX = '__replica_';

const SYSTEM_EXPORTS: ReadonlySet<string> = new Set([
  ExportName.init,
  ExportName.preUpgrade,
  ExportName.postUpgrade,
  ExportName.inspectMessage,
  ExportName.heartbeat,
  ExportName.globalTimer,
  'canister_on_low_wasm_memory',
]);

export function refuseExports(sections: readonly Section[]): string | undefined {
  const exports = readExports(sections);
  const reserved = exports.find(({ name }) => isReserved(name));
  if (reserved !== undefined) return invalid(`Exporting reserved symbol '${reserved.name}'`);
  const functions = exports.filter(({ kind }) => kind === ExternKind.function);
  const unknown = functions.find(({ name }) => name.startsWith(RESERVED_PREFIX) && !isEntry(name));
  if (unknown !== undefined) {
    return invalid(`Exporting reserved function '${unknown.name}' with "canister_" prefix`);
  }
  return (
    refuseMethods(functions.flatMap(({ name }) => METHOD_EXPORT.exec(name)?.[1] ?? [])) ??
    refuseTypes(sections)
  );
}

function isReserved(name: string): boolean {
  return name === ExportName.start || name.startsWith(HOST_PREFIX);
}

function isEntry(name: string): boolean {
  return SYSTEM_EXPORTS.has(name) || METHOD_EXPORT.test(name);
}

function refuseMethods(methods: readonly string[]): string | undefined {
  if (methods.length > METHODS_MAX) {
    return invalid(`The number of exported methods, ${methods.length}, exceeds ${METHODS_MAX}`);
  }
  const twice = methods.find((method, index) => methods.indexOf(method) !== index);
  if (twice !== undefined) {
    return invalid(
      `Duplicate function '${twice}' exported multiple times ` +
        'with different call types: update, query, or composite_query.',
    );
  }
  const size = methods.reduce((sum, method) => sum + new TextEncoder().encode(method).length, 0);
  if (size <= NAMES_SIZE_MAX) return undefined;
  return invalid(`The sum of the lengths of method names, ${size}, exceeds ${NAMES_SIZE_MAX}`);
}

function refuseTypes(sections: readonly Section[]): string | undefined {
  const types = readFunctionTypes(sections);
  const indices = functionTypeIndices(sections);
  for (const { name, kind, index } of readExports(sections)) {
    if (kind !== ExternKind.function || !isEntry(name)) continue;
    const wrong = refuseSignature(name, types[indices[index]!]!, [], []);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function invalid(what: string): string {
  return `Wasm module has an invalid export section. ${what}`;
}
