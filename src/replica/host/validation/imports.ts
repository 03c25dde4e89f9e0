/**
 * What a canister may import: functions of the system interface, each with its own type, and
 * nothing else.
 *
 * Source: IC interface specification, "Canister module format"; specs/replica.md section 4.3.
 */
import { NumberType, readFunctionTypes } from '../../../wasm/function.js';
import { WasmReader } from '../../../wasm/leb128.js';
import { ExternKind, readImports, type Section } from '../../../wasm/module.js';
import type { ValueType } from '../../host.js';
import { IC0 } from '../../ic0.js';
import { refuseSignature } from './signature.js';

const SYSTEM_MODULE = 'ic0';
const KIND_NAMES = ['function', 'table', 'memory', 'global'];

export function refuseImports(sections: readonly Section[]): string | undefined {
  const types = readFunctionTypes(sections);
  const invalid = (what: string): string =>
    `Wasm module has an invalid import section. Module imports ${what}`;
  for (const { module, name, kind, type } of readImports(sections)) {
    const what = `${KIND_NAMES[kind] ?? kind} '${name}' from '${module}'`;
    if (kind !== ExternKind.function || module !== SYSTEM_MODULE || !Object.hasOwn(IC0, name)) {
      return invalid(`${what} that is not exported by the runtime.`);
    }
    const { parameters, results } = IC0[name]!;
    const found = types[new WasmReader(type).u32()]!;
    const wrong = refuseSignature(name, found, parameters.map(numberType), results.map(numberType));
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** Pointers are 32 bits wide: this host has no 64-bit memories. */
function numberType(type: ValueType): number {
  return NumberType[type === 'I' ? 'i32' : type];
}
