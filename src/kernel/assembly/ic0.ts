/**
 * The system calls that the kernel itself makes. AssemblyScript names the module of an import
 * after the file that declares it, so these are the real `ic0` functions, whatever the Azle module
 * is told.
 *
 * Source: Internet Computer interface specification, "Overview of imports".
 */
export declare function certified_data_set(source: usize, length: usize): void;
export declare function debug_print(source: usize, length: usize): void;
export declare function in_replicated_execution(): i32;
export declare function msg_arg_data_size(): usize;
export declare function msg_arg_data_copy(target: usize, offset: usize, length: usize): void;
export declare function msg_method_name_size(): usize;
export declare function msg_method_name_copy(target: usize, offset: usize, length: usize): void;
export declare function msg_reply(): void;
export declare function msg_reply_data_append(source: usize, length: usize): void;
export declare function stable64_grow(pages: u64): i64;
export declare function stable64_read(target: u64, offset: u64, length: u64): void;
export declare function stable64_size(): u64;
export declare function stable64_write(offset: u64, source: u64, length: u64): void;
export declare function trap(message: usize, length: usize): void;
