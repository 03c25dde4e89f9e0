/**
 * Replays reference sequences: operations that the Rust crate did, with the results it gave and
 * the memory it left. Every result must be the same, and every byte.
 *
 * A folder holds, for each case, `<case>.ops.jsonl.gz` (a header line, then one operation a line)
 * and `<case>.bin.gz`, or `<case>.<memory>.bin.gz` where there are several memories. Where the
 * folder has a `MANIFEST.json`, no case that it names may be missing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { subjectOf, type Header, type Operation, type Subject } from './subjects.js';

const OPERATIONS_SUFFIX = '.ops.jsonl.gz';
const MANIFEST = 'MANIFEST.json';

/** How a case ended. `detail` says where it went wrong, or which structure is not there yet. */
export interface Outcome {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'unsupported';
  readonly detail: string;
}

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
    const subject = subjectOf(header);
    if (subject === undefined) return { name, result: 'unsupported', detail: describe(header) };
    const difference =
      firstWrongResult(subject, operations) ?? firstWrongImage(subject, join(folder, name));
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

function firstWrongResult(subject: Subject, operations: readonly Operation[]): string | undefined {
  for (const [index, operation] of operations.entries()) {
    const where = `operation ${index + 1} (${operation.op})`;
    const result = attempt(where, () => subject.apply(operation));
    const found = JSON.stringify(result);
    const expected = JSON.stringify(operation.r);
    if (found !== expected) return `${where}: expected ${expected}, found ${found}`;
  }
  return undefined;
}

/** A sequence holds no operation that fails, so an error is a failure with its place. */
function attempt<R>(where: string, action: () => R): R {
  try {
    return action();
  } catch (error) {
    throw new Error(`${where}: ${String(error)}`, { cause: error });
  }
}

function firstWrongImage(subject: Subject, stem: string): string | undefined {
  for (const [memory, found] of subject.images()) {
    const suffix = memory === '' ? '' : `.${memory}`;
    const expected = gunzipSync(readFileSync(`${stem}${suffix}.bin.gz`));
    const difference = firstDifference(expected, found);
    if (difference !== undefined) return `image${suffix}: ${difference}`;
  }
  return undefined;
}

function firstDifference(expected: Uint8Array, found: Uint8Array): string | undefined {
  if (expected.length !== found.length) {
    return `expected ${expected.length} bytes, found ${found.length}`;
  }
  if (Buffer.compare(expected, found) === 0) return undefined;
  const offset = expected.findIndex((byte, index) => byte !== found[index]);
  return `byte ${offset}: expected ${expected[offset]}, found ${found[offset]}`;
}
