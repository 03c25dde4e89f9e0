/**
 * Every instruction of Wasm that a canister may use: its opcode, its name, and what follows it in
 * the binary. Threads, exceptions, garbage collection and relaxed vectors are absent, since the
 * Internet Computer refuses them.
 *
 * An opcode is one number here. Those of one byte stand for themselves; of those with a prefix, the
 * number behind 0xfc counts from 0x100 and the number behind 0xfd from 0x200.
 *
 * Source: WebAssembly core specification, section 5.4 (instructions) and the index of instructions.
 */

/** What follows an opcode. */
export const Immediate = {
  unknown: 0,
  none: 1,
  /** A value type, nothing, or the number of a function type. */
  blockType: 2,
  index: 3,
  twoIndices: 4,
  /** Labels, and one more for all other cases. */
  labels: 5,
  valueTypes: 6,
  /** Alignment and offset. */
  memory: 7,
  memoryLane: 8,
  lane: 9,
  number32: 10,
  number64: 11,
  bytes4: 12,
  bytes8: 13,
  bytes16: 14,
} as const;

export const PREFIX_NUMERIC = 0xfc;
export const PREFIX_VECTOR = 0xfd;
export const NUMERIC_BASE = 0x100;
export const VECTOR_BASE = 0x200;
export const OPCODE_LIMIT = 0x300;

/** By opcode: one of {@link Immediate}; `unknown` where there is no such instruction. */
export const IMMEDIATES = new Uint8Array(OPCODE_LIMIT);

const OPCODES = new Map<string, number>();

/** The opcode of an instruction by its name in the text format. */
export function opcode(name: string): number {
  const found = OPCODES.get(name);
  if (found === undefined) throw new Error(`there is no instruction ${name}`);
  return found;
}

export function instructionNames(): string[] {
  return [...OPCODES.keys()];
}

/** Enters instructions with consecutive opcodes. A dash leaves an opcode out. */
function define(first: number, immediate: keyof typeof Immediate, ...names: string[]): void {
  names.flatMap(words).forEach((name, index) => {
    if (name === '-') return;
    OPCODES.set(name, first + index);
    IMMEDIATES[first + index] = Immediate[immediate];
  });
}

function words(text: string): string[] {
  return text.split(' ');
}

/** The same operations for each of some shapes: "i8x16.eq i8x16.ne ...". */
function each(shapes: string, operations: string): string {
  return words(shapes)
    .flatMap((shape) => words(operations).map((operation) => `${shape}.${operation}`))
    .join(' ');
}

// Control.
define(0x00, 'none', 'unreachable nop');
define(0x02, 'blockType', 'block loop if');
define(0x05, 'none', 'else');
define(0x0b, 'none', 'end');
define(0x0c, 'index', 'br br_if');
define(0x0e, 'labels', 'br_table');
define(0x0f, 'none', 'return');
define(0x10, 'index', 'call');
define(0x11, 'twoIndices', 'call_indirect');
define(0x12, 'index', 'return_call');
define(0x13, 'twoIndices', 'return_call_indirect');

// Values, variables and tables.
define(0x1a, 'none', 'drop select');
define(0x1c, 'valueTypes', 'select_typed');
define(0x20, 'index', 'local.get local.set local.tee global.get global.set table.get table.set');
define(0xd0, 'number32', 'ref.null');
define(0xd1, 'none', 'ref.is_null');
define(0xd2, 'index', 'ref.func');

// Memory.
define(0x28, 'memory', 'i32.load i64.load f32.load f64.load');
define(0x2c, 'memory', 'i32.load8_s i32.load8_u i32.load16_s i32.load16_u');
define(0x30, 'memory', each('i64', 'load8_s load8_u load16_s load16_u load32_s load32_u'));
define(0x36, 'memory', 'i32.store i64.store f32.store f64.store i32.store8 i32.store16');
define(0x3c, 'memory', 'i64.store8 i64.store16 i64.store32');
define(0x3f, 'index', 'memory.size memory.grow');

// Numbers.
const INTEGER_TESTS = 'eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const FLOAT_TESTS = 'eq ne lt gt le ge';
const INTEGER_OPERATIONS =
  'clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr';
const FLOAT_OPERATIONS = 'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign';
define(0x41, 'number32', 'i32.const');
define(0x42, 'number64', 'i64.const');
define(0x43, 'bytes4', 'f32.const');
define(0x44, 'bytes8', 'f64.const');
define(0x45, 'none', each('i32 i64', INTEGER_TESTS), each('f32 f64', FLOAT_TESTS));
define(0x67, 'none', each('i32 i64', INTEGER_OPERATIONS), each('f32 f64', FLOAT_OPERATIONS));
define(0xa7, 'none', 'i32.wrap_i64', each('i32', 'trunc_f32_s trunc_f32_u'));
define(0xaa, 'none', each('i32', 'trunc_f64_s trunc_f64_u'));
define(0xac, 'none', each('i64', 'extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u'));
define(0xb0, 'none', each('i64', 'trunc_f64_s trunc_f64_u'));
define(0xb2, 'none', each('f32', 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u'));
define(0xb6, 'none', 'f32.demote_f64');
define(0xb7, 'none', each('f64', 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u'));
define(0xbb, 'none', 'f64.promote_f32 i32.reinterpret_f32 i64.reinterpret_f64');
define(0xbe, 'none', 'f32.reinterpret_i32 f64.reinterpret_i64');
define(
  0xc0,
  'none',
  'i32.extend8_s i32.extend16_s',
  each('i64', 'extend8_s extend16_s extend32_s'),
);

// Behind 0xfc: conversions that saturate, and operations on whole ranges.
const SATURATING = 'trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u';
define(NUMERIC_BASE, 'none', each('i32 i64', SATURATING));
define(NUMERIC_BASE + 8, 'twoIndices', 'memory.init');
define(NUMERIC_BASE + 9, 'index', 'data.drop');
define(NUMERIC_BASE + 10, 'twoIndices', 'memory.copy');
define(NUMERIC_BASE + 11, 'index', 'memory.fill');
define(NUMERIC_BASE + 12, 'twoIndices', 'table.init');
define(NUMERIC_BASE + 13, 'index', 'elem.drop');
define(NUMERIC_BASE + 14, 'twoIndices', 'table.copy');
define(NUMERIC_BASE + 15, 'index', 'table.grow table.size table.fill');

// Behind 0xfd: vectors.
const LOAD_WIDE = 'load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u';
const LOAD_SPLAT = 'load8_splat load16_splat load32_splat load64_splat';
const LANES_BY_SIGN = 'extract_lane_s extract_lane_u replace_lane';
const LANE_TESTS = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const SUMS = 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u';
const EXTREMES = 'min_s min_u max_s max_u';
const FLOAT_LANES = 'sqrt add sub mul div min max pmin pmax';
define(VECTOR_BASE, 'memory', each('v128', `load ${LOAD_WIDE} ${LOAD_SPLAT} store`));
define(VECTOR_BASE + 12, 'bytes16', 'v128.const i8x16.shuffle');
define(VECTOR_BASE + 14, 'none', 'i8x16.swizzle', each('i8x16 i16x8 i32x4 i64x2', 'splat'));
define(VECTOR_BASE + 19, 'none', 'f32x4.splat f64x2.splat');
define(VECTOR_BASE + 21, 'lane', each('i8x16 i16x8', LANES_BY_SIGN));
define(VECTOR_BASE + 27, 'lane', each('i32x4 i64x2 f32x4 f64x2', 'extract_lane replace_lane'));
define(VECTOR_BASE + 35, 'none', each('i8x16 i16x8 i32x4', LANE_TESTS));
define(VECTOR_BASE + 65, 'none', each('f32x4 f64x2', FLOAT_TESTS));
define(VECTOR_BASE + 77, 'none', each('v128', 'not and andnot or xor bitselect any_true'));
define(
  VECTOR_BASE + 84,
  'memoryLane',
  each('v128', 'load8_lane load16_lane load32_lane load64_lane'),
);
define(VECTOR_BASE + 88, 'memoryLane', each('v128', 'store8_lane store16_lane store32_lane'));
define(VECTOR_BASE + 91, 'memoryLane', 'v128.store64_lane');
define(VECTOR_BASE + 92, 'memory', 'v128.load32_zero v128.load64_zero');
define(VECTOR_BASE + 94, 'none', 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4');
define(VECTOR_BASE + 96, 'none', each('i8x16', 'abs neg popcnt all_true bitmask'));
define(VECTOR_BASE + 101, 'none', each('i8x16', 'narrow_i16x8_s narrow_i16x8_u'));
define(VECTOR_BASE + 103, 'none', each('f32x4', 'ceil floor trunc nearest'));
define(VECTOR_BASE + 107, 'none', each('i8x16', `shl shr_s shr_u ${SUMS}`));
define(VECTOR_BASE + 116, 'none', 'f64x2.ceil f64x2.floor', each('i8x16', EXTREMES));
define(VECTOR_BASE + 122, 'none', 'f64x2.trunc i8x16.avgr_u');
define(VECTOR_BASE + 124, 'none', each('i16x8', 'extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u'));
define(VECTOR_BASE + 126, 'none', each('i32x4', 'extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u'));
define(VECTOR_BASE + 128, 'none', each('i16x8', 'abs neg q15mulr_sat_s all_true bitmask'));
define(VECTOR_BASE + 133, 'none', each('i16x8', `narrow_i32x4_s narrow_i32x4_u`));
define(VECTOR_BASE + 135, 'none', each('i16x8', extensions('extend', 'i8x16')));
define(VECTOR_BASE + 139, 'none', each('i16x8', `shl shr_s shr_u ${SUMS}`));
define(VECTOR_BASE + 148, 'none', 'f64x2.nearest', each('i16x8', `mul ${EXTREMES}`));
define(VECTOR_BASE + 155, 'none', 'i16x8.avgr_u', each('i16x8', extensions('extmul', 'i8x16')));
define(VECTOR_BASE + 160, 'none', 'i32x4.abs i32x4.neg - i32x4.all_true i32x4.bitmask');
define(VECTOR_BASE + 167, 'none', each('i32x4', extensions('extend', 'i16x8')));
define(VECTOR_BASE + 171, 'none', each('i32x4', 'shl shr_s shr_u add'));
define(VECTOR_BASE + 177, 'none', 'i32x4.sub');
define(VECTOR_BASE + 181, 'none', each('i32x4', `mul ${EXTREMES} dot_i16x8_s`));
define(VECTOR_BASE + 188, 'none', each('i32x4', extensions('extmul', 'i16x8')));
define(VECTOR_BASE + 192, 'none', 'i64x2.abs i64x2.neg - i64x2.all_true i64x2.bitmask');
define(VECTOR_BASE + 199, 'none', each('i64x2', extensions('extend', 'i32x4')));
define(VECTOR_BASE + 203, 'none', each('i64x2', 'shl shr_s shr_u add'));
define(VECTOR_BASE + 209, 'none', 'i64x2.sub');
define(VECTOR_BASE + 213, 'none', each('i64x2', 'mul eq ne lt_s gt_s le_s ge_s'));
define(VECTOR_BASE + 220, 'none', each('i64x2', extensions('extmul', 'i32x4')));
define(VECTOR_BASE + 224, 'none', 'f32x4.abs f32x4.neg -', each('f32x4', FLOAT_LANES));
define(VECTOR_BASE + 236, 'none', 'f64x2.abs f64x2.neg -', each('f64x2', FLOAT_LANES));
define(VECTOR_BASE + 248, 'none', each('i32x4', 'trunc_sat_f32x4_s trunc_sat_f32x4_u'));
define(VECTOR_BASE + 250, 'none', each('f32x4', 'convert_i32x4_s convert_i32x4_u'));
define(VECTOR_BASE + 252, 'none', each('i32x4', 'trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero'));
define(VECTOR_BASE + 254, 'none', each('f64x2', 'convert_low_i32x4_s convert_low_i32x4_u'));

/** "extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u" */
function extensions(operation: string, from: string): string {
  return words('s u')
    .flatMap((sign) => words('low high').map((half) => `${operation}_${half}_${from}_${sign}`))
    .join(' ');
}
