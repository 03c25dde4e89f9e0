/**
 * The link step: from the Wasm that `azle build` made to a canister with raw stable memory.
 *
 *     1. mark       the JavaScript inside learns that it is linked      marker.ts
 *     2. intercept  some imports of `ic0` become imports of the kernel  imports.ts
 *     3. merge      the kernel joins the module and resolves them       merge.ts
 *     4. tidy       the kernel's own exports go, Candid metadata comes  here
 *
 * The same input gives the same bytes.
 *
 * Source: `README.md` of this folder.
 */
import {
  customSection,
  readCustomSections,
  readExports,
  readImports,
  readSections,
  SectionId,
  withSection,
  writeExports,
  writeSections,
  type Section,
} from '../wasm/module.js';
import { interceptImports, KERNEL_MODULE } from './imports.js';
import { LinkError } from './link-error.js';
import { markAsLinked } from './marker.js';
import { mergeModules } from './merge.js';

/** Where everybody may read the interface of a canister. */
const CANDID_SECTION = 'icp:public candid:service';

/** What {@link link} works on. */
export interface LinkInput {
  /** The Wasm that `azle build` made. */
  readonly azleWasm: Uint8Array;
  /** The compiled kernel, `dist/kernel/kernel.wasm`. */
  readonly kernelWasm: Uint8Array;
  /** The canister's interface, the text of its `.did` file. */
  readonly candid: string;
}

/**
 * Links a canister with the kernel. O(size), some seconds.
 *
 * Throws `LinkError` where the module lacks an import (another version of Azle), does not contain
 * the library, or is linked already; `WasmFormatError` where it is no module.
 *
 * @example
 * const wasm = await link({ azleWasm, kernelWasm, candid });
 */
export async function link({ azleWasm, kernelWasm, candid }: LinkInput): Promise<Uint8Array> {
  const original = readSections(markAsLinked(azleWasm));
  const merged = await mergeModules(writeSections(interceptImports(original)), kernelWasm);
  const linked = keepExports(readSections(merged), original);
  assertResolved(linked);
  return writeSections(withCandid(linked, candid));
}

/** The kernel's exports have done their work; one that stayed could be called by nobody. */
function keepExports(sections: readonly Section[], original: readonly Section[]): Section[] {
  const names = new Set(readExports(original).map(({ name }) => name));
  const kept = readExports(sections).filter(({ name }) => names.has(name));
  return withSection(sections, SectionId.export, writeExports(kept));
}

function assertResolved(sections: readonly Section[]): void {
  const missing = readImports(sections).find(({ module }) => module === KERNEL_MODULE);
  if (missing === undefined) return;
  throw new LinkError(
    `the kernel does not provide "${missing.name}". Build this package again ` +
      '(npm run build:package), for its kernel is of another release.',
  );
}

function withCandid(sections: readonly Section[], candid: string): Section[] {
  const others = sections.filter((section) => !readCustomSections([section]).has(CANDID_SECTION));
  return [...others, customSection(CANDID_SECTION, new TextEncoder().encode(candid))];
}
