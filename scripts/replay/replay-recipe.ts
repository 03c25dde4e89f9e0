/**
 * Replays recipes, and compares what they leave with what the Rust crate left: the hash of each
 * image or, where a folder has the images themselves, their bytes. Then each image is opened, and
 * must hold what the structure held that made it.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { IMAGE_SUFFIX } from './replay-sequence.js';
import { firstDifference, type Outcome } from './outcome.js';
import { IMAGE_HASHES } from './recipes/image-hashes.js';
import { RECIPES, recipeNameOf } from './recipes/index.js';
import { contentsOf, type Recipe, type Stage } from './recipes/stage.js';

type Images = Stage['images'];

/** Replays one recipe against the hashes. Never throws: whatever goes wrong is how it ended. */
export function replayRecipe(name: string, recipe: Recipe): Outcome {
  let imageCount = 0;
  try {
    for (const { images, stored } of recipe()) {
      const difference = firstWrongHash(images) ?? firstWrongContent(images, stored);
      if (difference !== undefined) return { name, result: 'failed', detail: difference };
      imageCount += images.size;
    }
    return { name, result: 'passed', detail: `${imageCount} images` };
  } catch (error) {
    return { name, result: 'failed', detail: String(error) };
  }
}

/** The images of a folder that belong to no sequence. */
export function imagesIn(folder: string, cases: readonly string[]): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(IMAGE_SUFFIX))
    .map((file) => file.slice(0, -IMAGE_SUFFIX.length))
    .filter((name) => !cases.some((each) => name === each || name.startsWith(`${each}.`)))
    .sort();
}

/** Compares images of a folder with those that the recipes leave. Never throws. */
export function compareImages(folder: string, names: readonly string[]): Outcome[] {
  const recipes = new Set(names.map(recipeNameOf));
  return [...recipes].flatMap((recipe) => {
    const ofRecipe = names.filter((name) => recipeNameOf(name) === recipe);
    const outcomes = new Map<string, Outcome>();
    try {
      for (const stage of RECIPES.get(recipe)?.() ?? []) {
        for (const outcome of compareStage(folder, ofRecipe, stage)) {
          outcomes.set(outcome.name, outcome);
        }
      }
    } catch (error) {
      return ofRecipe.map((name) => ({ name, result: 'failed', detail: String(error) }) as const);
    }
    const none = { result: 'unsupported', detail: 'no recipe makes this image' } as const;
    return ofRecipe.map((name) => outcomes.get(name) ?? { name, ...none });
  });
}

/** An image of the stage that the folder lacks is taken from the recipe. */
function compareStage(folder: string, names: readonly string[], stage: Stage): Outcome[] {
  const files = new Map(stage.images);
  const present = names.filter((name) => files.has(name));
  for (const name of present) {
    files.set(name, gunzipSync(readFileSync(join(folder, name + IMAGE_SUFFIX))));
  }
  return present.map((name) => {
    const difference =
      firstDifference(files.get(name)!, stage.images.get(name)!) ??
      firstWrongContent(files, stage.stored);
    if (difference !== undefined) return { name, result: 'failed', detail: difference };
    return { name, result: 'passed', detail: `${files.get(name)!.length} bytes` };
  });
}

function firstWrongHash(images: Images): string | undefined {
  for (const [name, image] of images) {
    const found = createHash('sha256').update(image).digest('hex');
    const expected = IMAGE_HASHES.get(name);
    if (found !== expected) return `image ${name}: expected ${expected}, found ${found}`;
  }
  return undefined;
}

function firstWrongContent(images: Images, stored: Stage['stored']): string | undefined {
  if (stored === undefined) return undefined;
  const [first, second] = Array.from(images.values(), VectorMemory.from);
  const structure = stored.open(first!, second ?? new VectorMemory());
  const violation = structure.checkInvariants();
  if (violation !== undefined) return `opened again: ${violation}`;
  const isSame = isDeepStrictEqual(contentsOf(structure), stored.contents);
  return isSame ? undefined : 'opened again: it holds other contents';
}
