/**
 * All recipes of appendix A, by name. An image belongs to the recipe that its name starts with.
 *
 * Source: `specs/ic-stable-structures.md` appendix A.
 */
import { s1, s12, s13, s2, s3, s4, s5 } from './maps.js';
import { s11, stability } from './manager.js';
import { s10, s6, s7, s8, s9 } from './other-structures.js';
import type { Recipe } from './stage.js';

export const RECIPES: ReadonlyMap<string, Recipe> = new Map(
  Object.entries({ s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, stability }),
);

/** The name of the recipe that makes an image. */
export function recipeNameOf(image: string): string {
  return image.split('_')[0]!;
}
