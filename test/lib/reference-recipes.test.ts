/**
 * Scripts of operations that the Rust crate was run with, replayed: whole memories must have the
 * SHA-256 that Rust's had, and open again with what the structures held. `npm run replay` without
 * a folder runs the same.
 *
 * Source: `specs/ic-stable-structures.md` appendix A.
 */
import { expect, test } from '@jest/globals';
import { IMAGE_HASHES } from '../../scripts/replay/recipes/image-hashes.js';
import { recipeNameOf, RECIPES } from '../../scripts/replay/recipes/index.js';
import { replayRecipe } from '../../scripts/replay/replay-recipe.js';

const IMAGES = [...IMAGE_HASHES.keys()];

test('the recipes are all of appendix A', () => {
  const numbered = Array.from({ length: 13 }, (_, index) => `s${index + 1}`);
  expect([...RECIPES.keys()]).toEqual([...numbered, 'stability']);
  expect(new Set(IMAGES.map(recipeNameOf))).toEqual(new Set(RECIPES.keys()));
});

test.each([...RECIPES])('%s leaves the images of Rust, each of them', (name, recipe) => {
  const imageCount = IMAGES.filter((image) => recipeNameOf(image) === name).length;
  expect(replayRecipe(name, recipe)).toEqual({
    name,
    result: 'passed',
    detail: `${imageCount} images`,
  });
});
