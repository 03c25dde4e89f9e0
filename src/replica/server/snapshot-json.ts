/**
 * The metadata of a snapshot as a JSON file, in the form in which Rust tools write down the answer
 * of the management canister: enumerations by the name of their case, bytes as lists of numbers,
 * integers of 64 bits in full.
 *
 * A float that is no finite number has no JSON; it is written as null and read as NaN.
 *
 * Source: dfinity/ic, `ReadCanisterSnapshotMetadataResult`; specs/replica.md section 1.3.
 */
import type {
  GlobalArgument,
  HookArgument,
  TimerArgument,
  UploadMetadata,
} from '../management/idl/snapshots.js';
import type { Opt } from '../management/idl.js';
import {
  asFields,
  choiceField,
  integerField,
  isGiven,
  listField,
  objectField,
  parseExactFields,
  RequestError,
  stringifyExact,
  U128_MAX,
  U64_MAX,
  type Fields,
} from './wire.js';

/** What the management canister says about a snapshot, and a folder keeps of it. */
export interface SnapshotMetadata extends Omit<UploadMetadata, 'canister_id' | 'replace_snapshot'> {
  readonly source: Readonly<Record<string, unknown>>;
  readonly taken_at_timestamp: bigint;
  readonly canister_version: bigint;
  readonly wasm_chunk_store: readonly { readonly hash: Uint8Array }[];
}

const GLOBAL_TYPES = ['i32', 'i64', 'f32', 'f64', 'v128'] as const;
const HOOKS = ['condition_not_satisfied', 'ready', 'executed'] as const;
const BYTE_MAX = 255n;

export function writeMetadata(metadata: SnapshotMetadata): string {
  const { global_timer, on_low_wasm_memory_hook_status } = metadata;
  return stringifyExact({
    ...metadata,
    source: Object.keys(metadata.source)[0],
    certified_data: [...metadata.certified_data],
    wasm_chunk_store: metadata.wasm_chunk_store.map(({ hash }) => ({ hash: [...hash] })),
    global_timer: timerJson(global_timer),
    on_low_wasm_memory_hook_status: Object.keys(on_low_wasm_memory_hook_status[0] ?? {})[0] ?? null,
  });
}

/** The part of the metadata that an upload needs. Throws where a field is not what it should be. */
export function readMetadata(json: Uint8Array): Omit<SnapshotMetadata, 'source'> {
  const fields = parseExactFields(json);
  return {
    taken_at_timestamp: integerField(fields, 'taken_at_timestamp'),
    canister_version: integerField(fields, 'canister_version'),
    wasm_module_size: integerField(fields, 'wasm_module_size'),
    wasm_memory_size: integerField(fields, 'wasm_memory_size'),
    stable_memory_size: integerField(fields, 'stable_memory_size'),
    globals: listField(fields, 'globals').map((global) => readGlobal(asFields(global, 'globals'))),
    certified_data: bytesField(fields, 'certified_data'),
    wasm_chunk_store: listField(fields, 'wasm_chunk_store').map((chunk) => ({
      hash: bytesField(asFields(chunk, 'wasm_chunk_store'), 'hash'),
    })),
    global_timer: readTimer(fields),
    on_low_wasm_memory_hook_status: readHook(fields),
  };
}

function timerJson([timer]: Opt<TimerArgument>): unknown {
  if (timer === undefined) return null;
  return 'active' in timer ? timer : 'inactive';
}

function readTimer(fields: Fields): Opt<TimerArgument> {
  const name = 'global_timer';
  if (!isGiven(fields, name)) return [];
  if (fields[name] === 'inactive') return [{ inactive: null }];
  return [{ active: integerField(objectField(fields, name), 'active') }];
}

function readHook(fields: Fields): Opt<HookArgument> {
  const name = 'on_low_wasm_memory_hook_status';
  if (!isGiven(fields, name)) return [];
  return [{ [choiceField(fields, name, HOOKS)]: null }];
}

function readGlobal(global: Fields): GlobalArgument {
  const type = GLOBAL_TYPES.find((name) => Object.hasOwn(global, name));
  if (type === undefined) throw new RequestError(`globals: expected ${GLOBAL_TYPES.join(', ')}`);
  if (type === 'f32' || type === 'f64') return { [type]: floatOf(global[type]) };
  if (type === 'v128') return { [type]: integerField(global, type, U128_MAX) };
  const value = signedField(global, type);
  return { [type]: type === 'i32' ? Number(value) : value };
}

/** Rust writes signed integers; none is further from zero than 64 bits reach. */
function signedField(fields: Fields, name: string): bigint {
  const value = fields[name];
  const isNegative = (typeof value === 'number' || typeof value === 'bigint') && value < 0;
  if (!isNegative) return integerField(fields, name, U64_MAX / 2n);
  return -integerField({ [name]: -value }, name, U64_MAX / 2n + 1n);
}

function floatOf(value: unknown): number {
  if (value === null) return NaN;
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw new RequestError('globals: expected a number');
}

function bytesField(fields: Fields, name: string): Uint8Array {
  const bytes = listField(fields, name).map((byte) =>
    Number(integerField({ [name]: byte }, name, BYTE_MAX)),
  );
  return Uint8Array.from(bytes);
}
