/** The weights are those of the study, section 6.1, row by row. */
import { expect, test } from '@jest/globals';

import { WEIGHT_OF } from '../../../../src/replica/host/metering/weights.js';
import { instructionNames, opcode } from '../../../../src/wasm/opcodes.js';

/** Rows of the study; `*` stands for every type, `{a,b}` for one of the words. */
const STUDY: readonly (readonly [number, string])[] = [
  [0, 'block loop else end'],
  [1, '*.const i32.add i64.sub i32.mul i64.and i32.or i64.xor i32.shl i64.shr_u i32.rotl i64.rotr'],
  [1, 'i32.clz i64.ctz i32.popcnt i32.eq i64.ne i32.lt_s i64.lt_u i32.ge_u i64.eqz i32.eqz'],
  [1, 'i32.wrap_i64 i64.extend_i32_s i64.extend_i32_u i32.extend8_s i64.extend32_s'],
  [1, 'local.get local.set local.tee select select_typed drop return nop unreachable'],
  [1, 'i32.load i64.load8_s f64.load i32.store i64.store32 f32.store v128.load v128.store64_lane'],
  [1, 'ref.null f32.abs f32.neg f64.abs f64.neg i32.reinterpret_f32 f64.reinterpret_i64'],
  [2, 'global.get global.set if br br_if br_table'],
  [2, 'f32.add f32.sub f64.mul f32.ceil f64.floor f32.trunc f64.nearest'],
  [3, 'f32.div f32.eq f64.ge f32.convert_i32_s f64.convert_i64_s return_call'],
  [5, 'call table.get table.set ref.is_null f64.div f32.sqrt'],
  [8, 'f64.sqrt'],
  [10, 'i32.div_s i64.div_u i32.rem_s i64.rem_u call_indirect'],
  [16, 'f32.convert_i32_u f64.convert_i32_u f32.convert_i64_u f64.convert_i64_u'],
  [18, 'f32.min f32.max f64.min f64.max'],
  [20, 'i32.trunc_f32_s i64.trunc_f64_u i32.trunc_sat_f32_u i64.trunc_sat_f64_s memory.size'],
  [60, 'return_call_indirect'],
  [100, 'table.size memory.fill memory.copy memory.init table.fill table.copy table.init'],
  [130, 'ref.func'],
  [300, 'memory.grow table.grow data.drop elem.drop'],
  [1, 'f32.demote_f64 f64.promote_f32'],
  [2, 'f32.copysign'],
  [3, 'f64.copysign'],
  [4, 'i64x2.mul f32x4.min f32x4.max f64x2.min'],
  [5, 'f64x2.max f32x4.sqrt'],
  [10, 'f32x4.div'],
  [12, 'f64x2.div'],
  [14, 'f64x2.sqrt'],
  [1, 'i8x16.add i16x8.mul v128.and i8x16.swizzle f32x4.pmin f64x2.convert_low_i32x4_u'],
];

test.each(STUDY)('%i: %s', (weight, names) => {
  for (const pattern of names.split(' ')) {
    const matching = instructionNames().filter((name) =>
      pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern,
    );
    expect(matching.length).toBeGreaterThan(0);
    expect(matching.map((name) => [name, WEIGHT_OF[opcode(name)]])).toEqual(
      matching.map((name) => [name, weight]),
    );
  }
});

test('vectors cost 1 to 3, but for the few that the study names', () => {
  const dear = instructionNames().filter(
    (name) => /x\d+\./.test(name) && WEIGHT_OF[opcode(name)]! > 3,
  );
  expect(dear.sort()).toEqual(
    [
      'f32x4.convert_i32x4_u',
      'f32x4.div',
      'f32x4.max',
      'f32x4.min',
      'f32x4.sqrt',
      'f64x2.div',
      'f64x2.max',
      'f64x2.min',
      'f64x2.sqrt',
      'i32x4.trunc_sat_f32x4_u',
      'i64x2.mul',
    ].sort(),
  );
});
