/**
 * Snapshots in folders of the machine that the server runs on: the form in which tools exchange
 * them.
 *
 *     metadata.json               what is said about the snapshot
 *     wasm_module.bin             the module as it runs
 *     wasm_memory.bin             the heap
 *     stable_memory.bin           the stable memory, unless it is empty
 *     wasm_chunk_store/HASH.bin   the chunks of the chunk store
 *
 * A snapshot is read and written through the management canister, as any controller could do it:
 * its rules are the only ones. So each slice takes a round.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `canister_snapshot_download` and `_upload`.
 */
import * as fs from 'node:fs';
import { join } from 'node:path';

import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import { decodeCandid } from '../candid/decode.js';
import { hex } from '../hex.js';
import * as idl from '../management/idl/snapshots.js';
import { MANAGEMENT_CANISTER } from '../principals.js';
import type { Replica } from '../replica.js';
import { runToAnswer } from './message-routes.js';
import { canisterSnapshotError, invalidCanisterSnapshotDirectory } from './pocket-ic-error.js';
import { readMetadata, writeMetadata, type SnapshotMetadata } from './snapshot-json.js';

const AREAS = ['wasm_module', 'wasm_memory', 'stable_memory'] as const;
const CHUNK_FOLDER = 'wasm_chunk_store';
const METADATA = 'metadata.json';
const METADATA_SIZE_MAX = 2 ** 20;
const CHUNK_SIZE_MAX = 2 ** 20;
const SLICE_SIZE = 2_000_000;

type AreaName = (typeof AREAS)[number];

/** Whose snapshot it is, and who asks. */
export interface SnapshotOwner {
  readonly replica: Replica;
  readonly canisterId: Principal;
  readonly sender: Principal;
}

export function downloadSnapshot(owner: SnapshotOwner, id: Uint8Array, folder: string): void {
  const one = { canister_id: owner.canisterId, snapshot_id: id };
  const method = 'read_canister_snapshot_metadata';
  const metadata = manage<SnapshotMetadata>(
    owner,
    method,
    idl.OneSnapshot,
    one,
    idl.SnapshotMetadata,
  );
  inFolder(() => {
    fs.mkdirSync(folder, { recursive: true });
    if (fs.readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`);
    fs.writeFileSync(join(folder, METADATA), writeMetadata(metadata));
  });
  const read = (kind: idl.DataKind): Uint8Array =>
    manage<{ chunk: Uint8Array }>(
      owner,
      'read_canister_snapshot_data',
      idl.ReadData,
      { ...one, kind },
      idl.SnapshotData,
    ).chunk;
  for (const area of AREAS) {
    const size = Number(metadata[`${area}_size`]);
    if (size > 0) writeArea(join(folder, `${area}.bin`), area, size, read);
  }
  if (metadata.wasm_chunk_store.length === 0) return;
  const chunks = join(folder, CHUNK_FOLDER);
  inFolder(() => fs.mkdirSync(chunks));
  for (const { hash } of metadata.wasm_chunk_store) {
    const chunk = read({ wasm_chunk: { hash } });
    inFolder(() => fs.writeFileSync(join(chunks, `${hex(hash)}.bin`), chunk));
  }
}

/** The id of the snapshot that the folder has become. */
export function uploadSnapshot(
  owner: SnapshotOwner,
  replaced: Uint8Array | undefined,
  folder: string,
): Uint8Array {
  const metadata = inFolder(() => readMetadata(readBounded(folder, METADATA, METADATA_SIZE_MAX)));
  for (const area of AREAS) inFolder(() => checkSize(folder, area, metadata));
  const { snapshot_id } = manage<{ snapshot_id: Uint8Array }>(
    owner,
    'upload_canister_snapshot_metadata',
    idl.UploadMetadata,
    {
      ...metadata,
      canister_id: owner.canisterId,
      replace_snapshot: replaced === undefined ? [] : [replaced],
    },
    idl.UploadedMetadata,
  );
  const write = (kind: idl.DataOffset, chunk: Uint8Array): void => {
    const argument = { canister_id: owner.canisterId, snapshot_id, kind, chunk };
    manage(owner, 'upload_canister_snapshot_data', idl.UploadData, argument, undefined);
  };
  for (const area of AREAS) {
    const size = Number(metadata[`${area}_size`]);
    if (size > 0) readArea(join(folder, `${area}.bin`), area, size, write);
  }
  for (const { hash } of metadata.wasm_chunk_store) {
    const name = join(CHUNK_FOLDER, `${hex(hash)}.bin`);
    write(
      { wasm_chunk: null },
      inFolder(() => readBounded(folder, name, CHUNK_SIZE_MAX)),
    );
  }
  return snapshot_id;
}

function writeArea(
  path: string,
  area: AreaName,
  size: number,
  read: (kind: idl.DataKind) => Uint8Array,
): void {
  const file = inFolder(() => fs.openSync(path, 'wx'));
  try {
    for (let offset = 0; offset < size; offset += SLICE_SIZE) {
      const sliceSize = Math.min(SLICE_SIZE, size - offset);
      const place = { offset: BigInt(offset), size: BigInt(sliceSize) };
      const slice = read(areaKind(area, place));
      inFolder(() => fs.writeSync(file, slice));
    }
  } finally {
    fs.closeSync(file);
  }
}

function readArea(
  path: string,
  area: AreaName,
  size: number,
  write: (kind: idl.DataOffset, chunk: Uint8Array) => void,
): void {
  const file = inFolder(() => fs.openSync(path, 'r'));
  try {
    for (let offset = 0; offset < size; offset += SLICE_SIZE) {
      const slice = new Uint8Array(Math.min(SLICE_SIZE, size - offset));
      inFolder(() => fs.readSync(file, slice, 0, slice.length, offset));
      write(areaKind(area, { offset: BigInt(offset) }), slice);
    }
  } finally {
    fs.closeSync(file);
  }
}

function areaKind<Place>(area: AreaName, place: Place): Record<AreaName, Place> {
  return { [area]: place } as Record<AreaName, Place>;
}

function checkSize(
  folder: string,
  area: AreaName,
  metadata: Pick<SnapshotMetadata, `${AreaName}_size`>,
): void {
  const expected = metadata[`${area}_size`];
  if (expected === 0n) return;
  const { size } = fs.statSync(join(folder, `${area}.bin`));
  if (BigInt(size) === expected) return;
  throw new Error(`${area}.bin: expected ${expected} bytes, got ${size}`);
}

function readBounded(folder: string, name: string, sizeMax: number): Uint8Array {
  const path = join(folder, name);
  const { size } = fs.statSync(path);
  if (size > sizeMax) throw new Error(`${name}: expected at most ${sizeMax} bytes, got ${size}`);
  return new Uint8Array(fs.readFileSync(path));
}

/** Calls the management canister, as the sender, and waits for the end. */
function manage<Result>(
  { replica, canisterId, sender }: SnapshotOwner,
  method: string,
  type: IDL.Type,
  value: unknown,
  result: IDL.Type | undefined,
): Result {
  const argument = new Uint8Array(IDL.encode([type], [value]));
  const subnetId = replica.subnetOf(canisterId).id;
  const submitted = replica.submit({
    sender,
    canisterId: MANAGEMENT_CANISTER,
    method,
    argument,
    subnetId,
    effectiveId: canisterId,
  });
  if (submitted.kind === 'malformed') throw canisterSnapshotError(submitted.reason);
  if (submitted.kind === 'refused') throw canisterSnapshotError(submitted.rejection.message);
  const response = runToAnswer(replica, submitted.messageId);
  if (response === undefined) throw canisterSnapshotError(`${method} was not answered`);
  if (response.kind === 'reject') throw canisterSnapshotError(response.rejection.message);
  const decoded = decodeCandid(result === undefined ? [] : [result], response.data);
  if ('invalid' in decoded) throw canisterSnapshotError(decoded.invalid);
  return decoded.values[0] as Result;
}

/** What goes wrong with files is the client's to know. */
function inFolder<T>(run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    throw invalidCanisterSnapshotDirectory((thrown as Error).message);
  }
}
