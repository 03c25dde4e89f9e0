/**
 * The codecs, as a list: what is not named here is not for users.
 *
 * Source: house style rule 21.
 */
export { int, nat } from './big-integers.js';
export { blob, bytes, fixedBytes } from './bytes.js';
export { bool } from './bool.js';
export { candid, type CandidIdl, type CandidType } from './candid.js';
export { date } from './date.js';
export { descending } from './descending.js';
export { enumeration } from './enumeration.js';
export { f32, f64 } from './floats.js';
export { json } from './json.js';
export { list } from './list.js';
export { optional, type OptionalCodec, type OptionalKeyCodec } from './optional.js';
export { principal, principalOf } from './principal.js';
export {
  record,
  type OptionalNames,
  type RecordFields,
  type RecordOf,
  type ReservedNames,
} from './record.js';
export { reserved, type ReservedCodec } from './reserved.js';
export { i128, i16, i32, i64, i8 } from './signed.js';
export { text } from './text.js';
export { tuple, type TupleOf } from './tuple.js';
export { unit } from './unit.js';
export { u128, u16, u32, u64, u8 } from './unsigned.js';
