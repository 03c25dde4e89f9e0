/** Installing from the chunk store, and who may. */
import { gzipSync } from 'node:zlib';

import { beforeEach, describe, expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import { nodeHost, type Response } from '../../../src/replica/index.js';
import * as idl from '../../../src/replica/management/idl.js';
import { Bench, canister, dataOf, errorOf, messageOf, numberOf, STRANGER } from '../support.js';

const ANSWERING = canister('(func (export "canister_query ask") (call $reply_i32 (i32.const 42)))');
const MIB = 2 ** 20;

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.create();
});

function upload(chunk: Uint8Array, sender?: Principal): Response {
  return bench.manage('upload_chunk', idl.UploadChunk, { canister_id: id, chunk }, sender);
}

function installChunks(
  chunks: readonly Uint8Array[],
  options: { target?: Principal; store?: Principal; hash?: Uint8Array } = {},
): Response {
  return bench.manage('install_chunked_code', idl.InstallChunkedCode, {
    mode: { install: null },
    target_canister: options.target ?? id,
    store_canister: options.store === undefined ? [] : [options.store],
    chunk_hashes_list: chunks.map((chunk) => ({ hash: nodeHost.sha256(chunk) })),
    wasm_module_hash: options.hash ?? nodeHost.sha256(...chunks),
    arg: new Uint8Array(0),
  });
}

function storedHashes(): number {
  const data = dataOf(bench.manageId('stored_chunks', id));
  return (IDL.decode([idl.Chunks], data)[0] as unknown as unknown[]).length;
}

describe('the chunk store', () => {
  const half = ANSWERING.length / 2;
  const chunks = [ANSWERING.subarray(0, half), ANSWERING.subarray(half)];

  test('keeps chunks until it is cleared, each once', () => {
    const [named] = IDL.decode([idl.ChunkHash], dataOf(upload(chunks[0]!))) as unknown as [
      { hash: Uint8Array },
    ];
    expect(named.hash).toEqual(nodeHost.sha256(chunks[0]!));
    dataOf(upload(chunks[0]!));
    dataOf(upload(chunks[1]!));
    expect(storedHashes()).toBe(2);
    dataOf(bench.manageId('clear_chunk_store', id));
    expect(storedHashes()).toBe(0);
  });

  test('gives a module back', () => {
    for (const chunk of chunks) dataOf(upload(chunk));
    dataOf(installChunks(chunks));
    expect(numberOf(bench.query(id, 'ask'))).toBe(42);
  });

  test('gives a compressed module back', () => {
    const compressed = new Uint8Array(gzipSync(ANSWERING));
    const parts = [compressed.subarray(0, 100), compressed.subarray(100)];
    for (const part of parts) dataOf(upload(part));
    dataOf(installChunks(parts));
    expect(bench.replica.canister(id)!.code!.moduleHash).toEqual(nodeHost.sha256(compressed));
  });

  test('of one canister serves another with the same controller', () => {
    for (const chunk of chunks) dataOf(upload(chunk));
    const target = bench.create();
    dataOf(installChunks(chunks, { target, store: id }));
    expect(numberOf(bench.query(target, 'ask'))).toBe(42);
  });

  test('refuses a hash that the chunks do not have, and a chunk that it does not have', () => {
    dataOf(upload(chunks[0]!));
    expect(messageOf(installChunks(chunks))).toContain('was not found');
    dataOf(upload(chunks[1]!));
    const wrong = installChunks(chunks, { hash: new Uint8Array(32) });
    expect(messageOf(wrong)).toContain('does not match given hash');
    expect(bench.replica.canister(id)!.code).toBeUndefined();
  });

  test('takes chunks of 1 MiB, and a hundred of them', () => {
    dataOf(upload(new Uint8Array(MIB)));
    expect(errorOf(upload(new Uint8Array(MIB + 1)))).toBe(504);
    for (let index = 0; index < 99; index++) dataOf(upload(Uint8Array.of(index)));
    expect(errorOf(upload(Uint8Array.of(99)))).toBe(504);
    dataOf(upload(Uint8Array.of(98)));
  });
});

describe('a stranger', () => {
  test('may neither install, nor upload, nor uninstall', () => {
    const refused = [
      bench.install(id, ANSWERING, { sender: STRANGER }),
      upload(Uint8Array.of(1), STRANGER),
      bench.manageId('stored_chunks', id, STRANGER),
      bench.manageId('clear_chunk_store', id, STRANGER),
      bench.manageId('uninstall_code', id, STRANGER),
    ];
    expect(refused.map(errorOf)).toEqual([512, 512, 512, 512, 512]);
    expect(messageOf(refused[0]!)).toContain(
      `Only controllers of canister ${id.toText()} can call ic00 method install_code`,
    );
    expect(bench.replica.canister(id)!.code).toBeUndefined();
  });
});
