/**
 * Replays what the Rust crate did, and compares every result and every byte of memory.
 *
 *     npm run replay                    the recipes that come with this repository
 *     npm run replay -- --recipes       the same
 *     npm run replay -- FOLDER          the sequences and images of a folder
 *
 * Prints a line for each case and ends with `N passed, M failed`. A case whose structure the
 * library does not have yet is named, and counts as neither. The exit code is 0 where some passed
 * and none failed, 1 otherwise, 2 without a folder to read.
 */
import { statSync } from 'node:fs';
import type { Outcome } from './replay/outcome.js';
import { RECIPES } from './replay/recipes/index.js';
import { compareImages, imagesIn, replayRecipe } from './replay/replay-recipe.js';
import { casesIn, replayCase } from './replay/replay-sequence.js';

const RECIPES_FLAG = '--recipes';
const USAGE = `usage: npm run replay [-- ${RECIPES_FLAG}]
       npm run replay -- FOLDER
       FOLDER holds <case>.ops.jsonl.gz files with their images, or images of recipes`;

function main(argument = RECIPES_FLAG): number {
  const isFolder = statSync(argument, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (argument !== RECIPES_FLAG && !isFolder) {
    console.error(`no folder ${argument}\n${USAGE}`);
    return 2;
  }
  const outcomes: Outcome[] = [];
  for (const outcome of isFolder ? replayFolder(argument) : replayRecipes()) {
    console.log(lineOf(outcome));
    outcomes.push(outcome);
  }
  const passed = count(outcomes, 'passed');
  const failed = count(outcomes, 'failed');
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function* replayRecipes(): Generator<Outcome> {
  for (const [name, recipe] of RECIPES) yield replayRecipe(name, recipe);
}

function* replayFolder(folder: string): Generator<Outcome> {
  const cases = casesIn(folder);
  for (const name of cases) yield replayCase(folder, name);
  yield* compareImages(folder, imagesIn(folder, cases));
}

function lineOf({ name, result, detail }: Outcome): string {
  if (result === 'unsupported') return `not supported yet: ${name} (${detail})`;
  return result === 'passed' ? `passed: ${name}, ${detail}` : `FAILED: ${name}: ${detail}`;
}

function count(outcomes: readonly Outcome[], result: Outcome['result']): number {
  return outcomes.filter((outcome) => outcome.result === result).length;
}

process.exitCode = main(process.argv[2]);
