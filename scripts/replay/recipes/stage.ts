/**
 * A recipe is a script of operations that the Rust crate was run with, told in words in appendix A
 * of the specification. It stops at some *stages*, each with images of its memories. Here each one
 * is a function that does the same operations and yields the same stages.
 */
import type { Memory } from '../../../src/lib/memory.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';

/** What a recipe has made so far. */
export interface Stage {
  /** The bytes of each memory, by the name of the image. */
  readonly images: ReadonlyMap<string, Uint8Array>;
  /** How to open the images again, and what must be in them; absent where they are no structure. */
  readonly stored?: StoredContents;
}

/** What a structure holds, and how it is opened. */
export interface StoredContents {
  readonly contents: readonly unknown[];
  readonly open: Opener<Structure>;
}

/** Opens a structure in its memories, or creates it where they are empty. */
export type Opener<S> = (...memories: [Memory, Memory]) => S;

/** A structure that can be checked and read. */
export type Structure = { checkInvariants(): string | undefined } & (
  Iterable<unknown> | { get(): unknown }
);

export type Recipe = () => Iterable<Stage>;

/** Everything in a structure, in its order. */
export function contentsOf(structure: Structure): unknown[] {
  return Symbol.iterator in structure ? [...structure] : [structure.get()];
}

/** A structure over empty memories, and its stages. */
export function begin<S extends Structure>(open: Opener<S>) {
  const memories = [new VectorMemory(), new VectorMemory()] as const;
  const structure = open(...memories);
  return { structure, stage: (...names: string[]) => stage(names, memories, structure, open) };
}

/** The stage of an open structure. One name for each memory that it lies in. */
export function stage(
  names: readonly string[],
  memories: readonly VectorMemory[],
  structure: Structure,
  open: Opener<Structure>,
): Stage {
  const images = names.map((name, index) => [name, memories[index]!.toBytes()] as const);
  return { images: new Map(images), stored: { contents: contentsOf(structure), open } };
}
