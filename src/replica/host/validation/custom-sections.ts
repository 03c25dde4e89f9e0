/**
 * The custom sections that the system keeps for others to read. Their names say who may:
 *
 *     icp:public <name>     everybody
 *     icp:private <name>    controllers
 *
 * Every other custom section is the compiler's business.
 *
 * Source: IC interface specification, "Canister module format"; specs/replica.md section 4.3.
 */
import { WasmReader } from '../../../wasm/leb128.js';
import { SectionId, type Section } from '../../../wasm/module.js';

const SECTIONS_MAX = 16;
const SIZE_MAX = 2 ** 20;

const SYSTEM_PREFIX = 'icp:';
const METADATA_NAME = /^icp:(?:public|private) (.*)$/s;

export function refuseCustomSections(sections: readonly Section[]): string | undefined {
  const names = new Set<string>();
  let total = 0;
  for (const { id, payload } of sections) {
    if (id !== SectionId.custom) continue;
    const reader = new WasmReader(payload);
    const full = reader.name();
    if (!full.startsWith(SYSTEM_PREFIX)) continue;
    const name = METADATA_NAME.exec(full)?.[1];
    if (name === undefined) {
      return invalid(`Custom section '${full}' has no public/private scope defined.`);
    }
    if (names.has(name)) return invalid(`name ${name} already exists`);
    names.add(name);
    total += reader.rest().length + new TextEncoder().encode(name).length;
  }
  if (total > SIZE_MAX) {
    return invalid(`The custom sections have ${total} bytes in all, allowed are ${SIZE_MAX}`);
  }
  if (names.size <= SECTIONS_MAX) return undefined;
  return (
    `Wasm module defined ${names.size} custom sections ` +
    `which exceeds the maximum number allowed ${SECTIONS_MAX}`
  );
}

function invalid(what: string): string {
  return `Wasm module has an invalid custom section. ${what}`;
}
