/**
 * Puts the kernel in front of system calls: in the import section of the Azle module, and nowhere
 * else, the intercepted functions get another module name. What remains is an ordinary module that
 * imports some functions from the kernel, which `wasm-merge` then resolves.
 */
import {
  ExternKind,
  readImports,
  SectionId,
  withSection,
  writeImports,
  type Section,
  type WasmImport,
} from '../wasm/module.js';
import { LinkError } from './link-error.js';

/** The module name that the intercepted imports get, and the kernel's in the merge. */
export const KERNEL_MODULE = 'stable-structures-kernel';

/** The version of Azle whose template has all the imports, for messages. */
const AZLE_VERSION = '0.33.0';

const SYSTEM_MODULE = 'ic0';

/** What the kernel stands in front of: its exports, by the names that they replace. */
const INTERCEPTED: readonly string[] = [
  'certified_data_set',
  'debug_print',
  'in_replicated_execution',
  'msg_arg_data_size',
  'msg_arg_data_copy',
  'msg_method_name_size',
  'msg_method_name_copy',
  'stable64_grow',
  'stable64_write',
];

/** What Azle must call itself, or its template is not the one that the kernel was written for. */
const EXPECTED: readonly string[] = [...INTERCEPTED, 'stable64_size', 'stable64_read', 'trap'];

/** The sections with the intercepted imports renamed. Throws `LinkError` where one is missing. */
export function interceptImports(sections: readonly Section[]): Section[] {
  const imports = readImports(sections);
  for (const name of EXPECTED) assertImported(imports, name);
  const renamed = imports.map((entry) =>
    isSystemCall(entry) && INTERCEPTED.includes(entry.name)
      ? { ...entry, module: KERNEL_MODULE }
      : entry,
  );
  return withSection(sections, SectionId.import, writeImports(renamed));
}

function assertImported(imports: readonly WasmImport[], name: string): void {
  if (imports.some((entry) => isSystemCall(entry) && entry.name === name)) return;
  throw new LinkError(
    `the Wasm does not import "${SYSTEM_MODULE}.${name}", which the kernel must stand ` +
      `in front of ` +
      `or rely on. Azle ${AZLE_VERSION} imports it: install that version (npm install ` +
      `azle@${AZLE_VERSION}) and build again.`,
  );
}

function isSystemCall(entry: WasmImport): boolean {
  return entry.module === SYSTEM_MODULE && entry.kind === ExternKind.function;
}
