/**
 * What each instruction costs, in "instructions": the unit of limits, of `performance_counter` and
 * of fees. The Internet Computer found these weights by measuring its engine, so they are data to
 * be copied and not something to be derived. What is not listed costs 1.
 *
 * Operations on whole ranges cost, besides, 1 for each byte or entry at run time, and entering a
 * function costs 1; see `blocks.ts`.
 *
 * Source: specs/replica.md section 6.1, the weights of the replica for 32-bit memories.
 */
import { instructionNames, opcode, OPCODE_LIMIT } from '../../../wasm/opcodes.js';

export const FUNCTION_ENTRY_WEIGHT = 1;
const USUAL_WEIGHT = 1;

/** A name stands for itself, "*.name" for the operation on values of every type. */
const WEIGHTS: readonly (readonly [number, string])[] = [
  [0, 'block loop else end'],
  [2, 'global.get global.set if br br_if br_table'],
  [3, 'return_call'],
  [5, 'call table.get table.set ref.is_null'],
  [10, 'call_indirect'],
  [20, 'memory.size'],
  [60, 'return_call_indirect'],
  [100, 'table.size'],
  [100, 'memory.fill memory.copy memory.init table.fill table.copy table.init'],
  [130, 'ref.func'],
  [300, 'memory.grow table.grow data.drop elem.drop'],

  // Integers.
  [10, 'i32.div_s i32.div_u i32.rem_s i32.rem_u i64.div_s i64.div_u i64.rem_s i64.rem_u'],

  // Floats.
  [2, 'f32.add f32.sub f32.mul f32.ceil f32.floor f32.trunc f32.nearest f32.copysign'],
  [2, 'f64.add f64.sub f64.mul f64.ceil f64.floor f64.trunc f64.nearest'],
  [3, 'f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge'],
  [3, 'f32.div f64.copysign'],
  [5, 'f64.div f32.sqrt'],
  [8, 'f64.sqrt'],
  [18, 'f32.min f32.max f64.min f64.max'],

  // Conversions.
  [3, '*.convert_i32_s *.convert_i64_s'],
  [16, '*.convert_i32_u *.convert_i64_u'],
  [20, '*.trunc_f32_s *.trunc_f32_u *.trunc_f64_s *.trunc_f64_u'],
  [20, '*.trunc_sat_f32_s *.trunc_sat_f32_u *.trunc_sat_f64_s *.trunc_sat_f64_u'],

  // Vectors of integers.
  [2, 'i8x16.lt_u i8x16.gt_u i16x8.lt_u i16x8.gt_u i32x4.lt_u i32x4.gt_u i8x16.shr_u'],
  [2, 'i16x8.shl i16x8.shr_s i16x8.shr_u i32x4.shl i32x4.shr_s i32x4.shr_u'],
  [2, 'i64x2.shl i64x2.shr_u i32x4.mul'],
  [2, 'i16x8.extadd_pairwise_i8x16_u'],
  [2, 'i16x8.extmul_high_i8x16_s i16x8.extmul_high_i8x16_u'],
  [2, 'i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s'],
  [2, 'i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u'],
  [3, 'i8x16.shuffle i8x16.popcnt i8x16.shl i8x16.shr_s i64x2.shr_s'],
  [3, 'i32x4.extadd_pairwise_i16x8_u'],
  [4, 'i64x2.mul'],

  // Vectors of floats.
  [2, 'f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest f32x4.abs f32x4.neg'],
  [2, 'f64x2.ceil f64x2.floor f64x2.trunc f64x2.nearest f64x2.abs f64x2.neg'],
  [2, 'f32x4.add f32x4.sub f32x4.mul f64x2.add f64x2.sub f64x2.mul'],
  [2, 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f64x2_s_zero'],
  [3, 'i32x4.trunc_sat_f64x2_u_zero'],
  [4, 'f32x4.min f32x4.max f64x2.min i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_u'],
  [5, 'f64x2.max f32x4.sqrt'],
  [10, 'f32x4.div'],
  [12, 'f64x2.div'],
  [14, 'f64x2.sqrt'],
];

/** The weight of each instruction by its opcode. */
export const WEIGHT_OF: Uint16Array = new Uint16Array(OPCODE_LIMIT).fill(USUAL_WEIGHT);

for (const [weight, names] of WEIGHTS) {
  for (const name of names.split(' ').flatMap(matching)) WEIGHT_OF[opcode(name)] = weight;
}

function matching(pattern: string): string[] {
  if (!pattern.startsWith('*.')) return [pattern];
  return instructionNames().filter((name) => name.split('.')[1] === pattern.slice(2));
}
