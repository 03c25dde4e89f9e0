;; The smallest canister with a state: what a call costs when the canister does next to nothing.
(module
  (import "ic0" "msg_reply" (func $msg_reply))
  (import "ic0" "msg_reply_data_append" (func $msg_reply_data_append (param i32 i32)))
  (memory 1)
  ;; "DIDL", no types, one value: nat64. The count follows it, at 7.
  (data (i32.const 0) "DIDL\00\01\78")
  (func $reply (export "canister_query read")
    (call $msg_reply_data_append (i32.const 0) (i32.const 15))
    (call $msg_reply))
  (func (export "canister_update increment")
    (i64.store (i32.const 7) (i64.add (i64.load (i32.const 7)) (i64.const 1)))
    (call $reply)))
