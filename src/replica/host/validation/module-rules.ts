/**
 * What the Internet Computer asks of a canister's module beyond being valid Wasm. Each file of this
 * folder is one group of rules; a rule gives the reason for which a module is refused.
 *
 * PRECONDITION: the engine has found the module valid, so every index in it leads somewhere.
 *
 * Source: IC interface specification, "Canister module format"; specs/replica.md section 4.3.
 */
import type { Section } from '../../../wasm/module.js';
import { refuseCode, refuseSizes } from './code.js';
import { refuseCustomSections } from './custom-sections.js';
import { refuseExports } from './exports.js';
import { refuseImports } from './imports.js';

/** Why the module cannot be installed; undefined where it can. Throws `WasmFormatError`. */
export function refuseModule(sections: readonly Section[]): string | undefined {
  return (
    refuseSizes(sections) ??
    refuseImports(sections) ??
    refuseExports(sections) ??
    refuseCode(sections) ??
    refuseCustomSections(sections)
  );
}
