/**
 * The metadata of a canister: those custom sections of its module that are named `icp:public` or
 * `icp:private`, a space, and a name. Private ones are for controllers to read.
 *
 * Source: IC interface specification, "Canister metadata".
 */
import type { CompiledModule } from '../host.js';

export interface MetadataSection {
  readonly isPrivate: boolean;
  readonly content: Uint8Array;
}

const METADATA_SECTION = /^icp:(public|private) (.*)$/s;

/** The sections by name. */
export function metadataOf({ customSections }: CompiledModule): Map<string, MetadataSection> {
  const sections = new Map<string, MetadataSection>();
  for (const [fullName, content] of customSections) {
    const match = METADATA_SECTION.exec(fullName);
    if (match !== null) sections.set(match[2]!, { isPrivate: match[1] === 'private', content });
  }
  return sections;
}
