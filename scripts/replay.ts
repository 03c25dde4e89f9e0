/**
 * Replays a folder of reference sequences and compares every result and every byte of memory.
 *
 *     npm run replay -- FOLDER
 *
 * Prints a line for each case and ends with `N passed, M failed`. A case whose structure the
 * library does not have yet is named, and counts as neither. The exit code is 0 where all the
 * others passed, 1 where one failed or there was none, 2 without a folder to read.
 */
import { statSync } from 'node:fs';
import { casesIn, replayCase, type Outcome } from './replay/engine.js';

const USAGE = 'usage: npm run replay -- FOLDER\n       FOLDER holds <case>.ops.jsonl.gz files';

function main(folder: string | undefined): number {
  if (folder === undefined || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    console.error(folder === undefined ? USAGE : `no folder ${folder}\n${USAGE}`);
    return 2;
  }
  const outcomes = casesIn(folder).map((name) => {
    const outcome = replayCase(folder, name);
    console.log(lineOf(outcome));
    return outcome;
  });
  const passed = count(outcomes, 'passed');
  const failed = count(outcomes, 'failed');
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && outcomes.length > 0 ? 0 : 1;
}

function lineOf({ name, result, detail }: Outcome): string {
  if (result === 'unsupported') return `not supported yet: ${name} (${detail})`;
  return result === 'passed' ? `passed: ${name}, ${detail}` : `FAILED: ${name}: ${detail}`;
}

function count(outcomes: readonly Outcome[], result: Outcome['result']): number {
  return outcomes.filter((outcome) => outcome.result === result).length;
}

process.exitCode = main(process.argv[2]);
