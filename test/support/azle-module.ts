/** Modules as `azle build` makes them, made by hand: small, so that linking them is quick. */
import binaryen from 'binaryen';
import { KERNEL_STATE } from '../../src/lib/kernel-client.js';

/** As little of an Azle module as can be linked. */
const AZLE_MODULE = `(module
  (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
  (import "ic0" "debug_print" (func (param i32 i32)))
  (import "ic0" "in_replicated_execution" (func $replicated (result i32)))
  (import "ic0" "msg_arg_data_size" (func (result i32)))
  (import "ic0" "msg_arg_data_copy" (func (param i32 i32 i32)))
  (import "ic0" "msg_method_name_size" (func (result i32)))
  (import "ic0" "msg_method_name_copy" (func (param i32 i32 i32)))
  (import "ic0" "stable64_size" (func (result i64)))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_read" (func (param i64 i64 i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (import "ic0" "trap" (func (param i32 i32)))
  (memory (export "memory") 2)
  (data (i32.const 1024) "const state = '${KERNEL_STATE}';")
  (func (export "canister_query run") (result i32)
    (call $certify (i32.const 0) (i32.const 32))
    (drop (call $grow (i64.const 1)))
    (call $write (i64.const 0) (i64.const 0) (i64.const 1))
    (call $replicated)))`;

/** A module that imports what Azle's does and contains the library's text. */
export function linkableModule(): Uint8Array {
  return binaryen.parseText(AZLE_MODULE).emitBinary();
}
