/**
 * Replays reference sequences: operations that the Rust crate did, with the results it gave and
 * the memory it left. Every result must be the same, and every byte.
 *
 * A folder holds, for each case, `<case>.ops.jsonl.gz` (a header line, then one operation a line)
 * and `<case>.bin.gz`, or `<case>.<memory>.bin.gz` where there are several memories. Where the
 * folder has a `MANIFEST.json`, no case that it names may be missing. Other images are those of
 * recipes, see `replay-recipe.ts`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { firstDifference, type Outcome } from './outcome.js';
import {
  memoryNamesOf,
  openerOf,
  type Header,
  type Opener,
  type Operation,
  type Subject,
} from './subjects/index.js';

const OPERATIONS_SUFFIX = '.ops.jsonl.gz';
export const IMAGE_SUFFIX = '.bin.gz';
const MANIFEST = 'MANIFEST.json';

/** The cases of a folder, by name. */
export function casesIn(folder: string): string[] {
  const present = readdirSync(folder)
    .filter((file) => file.endsWith(OPERATIONS_SUFFIX))
    .map((file) => file.slice(0, -OPERATIONS_SUFFIX.length));
  return [...new Set([...present, ...namedInManifest(folder)])].sort();
}

/** Replays one case. Never throws: whatever goes wrong is how the case ended. */
export function replayCase(folder: string, name: string): Outcome {
  try {
    const { header, operations } = readSequence(join(folder, name + OPERATIONS_SUFFIX));
    const open = openerOf(header);
    if (open === undefined) return { name, result: 'unsupported', detail: describe(header) };
    const memories = memoryNamesOf(header).map((memory) => [memory, new VectorMemory()] as const);
    const difference =
      firstWrongResult(
        open,
        Array.from(memories, ([, memory]) => memory),
        operations,
      ) ?? firstWrongImage(join(folder, name), memories);
    if (difference !== undefined) return { name, result: 'failed', detail: difference };
    return { name, result: 'passed', detail: `${operations.length} operations` };
  } catch (error) {
    return { name, result: 'failed', detail: String(error) };
  }
}

function namedInManifest(folder: string): string[] {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return [];
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { cases: Record<string, unknown> };
  return Object.keys(manifest.cases);
}

function readSequence(path: string): { header: Header; operations: Operation[] } {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const [header, ...operations] = lines.map((line) => JSON.parse(line) as unknown);
  return { header: header as Header, operations: operations as Operation[] };
}

function describe({ structure, layout }: Header): string {
  return layout === undefined ? structure : `${structure} layout ${layout}`;
}

function firstWrongResult(
  open: Opener,
  memories: readonly VectorMemory[],
  operations: readonly Operation[],
): string | undefined {
  let subject = open(memories);
  for (const [index, operation] of operations.entries()) {
    const where = `operation ${index + 1} (${operation.op})`;
    if (operation.op === 'reopen') {
      subject.close();
      subject = open(memories);
      continue;
    }
    const difference = wrongResult(subject, operation, where);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Some operations have a result that was not written down; there is nothing to compare then. */
function wrongResult(subject: Subject, operation: Operation, where: string): string | undefined {
  const result = attempt(where, () => subject.apply(operation));
  if (!('r' in operation) && !('oldLen' in operation)) return undefined;
  const found = JSON.stringify(result);
  const expected = JSON.stringify('r' in operation ? operation.r : operation.oldLen);
  return found === expected ? undefined : `${where}: expected ${expected}, found ${found}`;
}

/** A sequence holds no operation that fails, so an error is a failure with its place. */
function attempt<R>(where: string, action: () => R): R {
  try {
    return action();
  } catch (error) {
    throw new Error(`${where}: ${String(error)}`, { cause: error });
  }
}

function firstWrongImage(
  stem: string,
  memories: readonly (readonly [name: string, memory: VectorMemory])[],
): string | undefined {
  for (const [name, memory] of memories) {
    const part = name === '' ? '' : `.${name}`;
    const expected = gunzipSync(readFileSync(stem + part + IMAGE_SUFFIX));
    const difference = firstDifference(expected, memory.toBytes());
    if (difference !== undefined) return `image${part}: ${difference}`;
  }
  return undefined;
}
