/**
 * A canister that Azle built, before and after the link step, running. It is built once; each test
 * installs it anew.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { buildWithAzle } from '../../src/cli/azle.js';
import { readCanisterConfig } from '../../src/cli/dfx-json.js';
import { link } from '../../src/kernel/link.js';
import {
  readCustomSections,
  readExports,
  readImports,
  readSections,
} from '../../src/wasm/module.js';
import { createAzleProject, LIBRARY, removeFolder } from '../support/azle-project.js';
import { CanisterHost } from '../support/canister-host.js';
import { compiledKernel } from '../support/compiled-kernel.js';

const BUILD_TIMEOUT_MS = 300_000;

const SOURCE = `
import { certifiedDataSet, IDL, query, StableBTreeMap } from 'azle';
import { defaultMemory } from '${LIBRARY}/default-memory.js';
import { kernel } from '${LIBRARY}/kernel-client.js';
import { decodeUtf8, encodeUtf8 } from '${LIBRARY}/utf8.js';

const azleMap = new StableBTreeMap<string, string>(7);
const LONG = '語'.repeat(5_000);

function readBack(offset: number, length: number): number[] {
  const bytes = new Uint8Array(length);
  defaultMemory().read(offset, bytes);
  return [...bytes];
}

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error.code ?? error.name;
  }
}

export default class {
  @query([], IDL.Text) memory(): string {
    const memory = defaultMemory();
    const before = memory.size();
    const grown = memory.grow(2);
    const end = (before + 2) * 65536;
    memory.write(end - 5, Uint8Array.of(1, 2, 3));
    const array = Uint8Array.of(10, 20, 30, 40);
    memory.write(end - 2, array.subarray(1, 3));
    memory.read(end, new Uint8Array(0));
    return JSON.stringify({
      grownFrom: grown - before,
      pages: memory.size() - before,
      bytes: readBack(end - 6, 6),
      behind: attempt(() => memory.read(end - 1, new Uint8Array(2))),
      noBytes: attempt(() => memory.read(0, 'text' as never)),
    });
  }

  @query([], IDL.Text) heap(): string {
    const memory = defaultMemory();
    const at = memory.grow(1) * 65536;
    memory.write(at, Uint8Array.of(5, 6));
    const ballast = Array.from({ length: 64 }, () => new Uint8Array(1_000_000));
    return JSON.stringify({ ballast: ballast.length, bytes: readBack(at, 3), size: encodeUtf8('é').length });
  }

  @query([], IDL.Text) text(): string {
    const short = 'Größe \\u{1f600} \\0 end';
    return JSON.stringify({
      short: decodeUtf8(encodeUtf8(short)) === short,
      long: decodeUtf8(encodeUtf8(LONG)) === LONG && encodeUtf8(LONG).length,
      empty: [encodeUtf8('').length, decodeUtf8(new Uint8Array(0))],
      unpaired: [...encodeUtf8('a\\ud800')],
      mark: decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf)).length,
      invalid: attempt(() => decodeUtf8(Uint8Array.of(0x41, 0xff))),
      order: kernel().compare(encodeUtf8('b'), encodeUtf8('ab')),
    });
  }

  @query([], IDL.Text) passing(): string {
    defaultMemory().size();
    certifiedDataSet(Uint8Array.of(1, 2, 3));
    globalThis._azleIc.debugPrint('hello');
    return JSON.stringify(globalThis._azleIc.inReplicatedExecution());
  }

  @query([], IDL.Text) azleAlone(): string {
    azleMap.insert('key', 'value');
    return azleMap.get('key');
  }

  @query([], IDL.Text) azleBesideUs(): string {
    kernel()!.guardPageZero();
    azleMap.insert('key', 'value');
    return azleMap.get('key');
  }

  @query([], IDL.Text) azleInOurWay(): string {
    kernel()!.guardPageZero();
    new StableBTreeMap<string, string>(9);
    return 'it did not trap';
  }

  @query([], IDL.Text) unlinked(): string {
    return JSON.stringify([attempt(defaultMemory), attempt(() => encodeUtf8('a'))]);
  }
}
`;

let root: string;
let azleWasm: Uint8Array;
let candid: string;
let linkedWasm: Uint8Array;

beforeAll(async () => {
  root = await createAzleProject('fixture', SOURCE);
  const canister = await readCanisterConfig(root, 'fixture');
  await buildWithAzle(canister, false);
  azleWasm = await readFile(canister.wasmPath);
  candid = await readFile(canister.candidPath, 'utf8');
  linkedWasm = await link({ azleWasm, kernelWasm: await compiledKernel(), candid });
}, BUILD_TIMEOUT_MS);

afterAll(() => removeFolder(root));

test('stable memory is sized, grown, written and read raw', () => {
  expect(JSON.parse(CanisterHost.install(linkedWasm).query('memory'))).toEqual({
    grownFrom: 0,
    pages: 2,
    bytes: [0, 1, 2, 3, 20, 30],
    behind: 'OUT_OF_BOUNDS',
    noBytes: 'TypeError',
  });
});

test('the host sees the bytes where the canister wrote them', () => {
  const canister = CanisterHost.install(linkedWasm);
  const before = canister.stable.size();
  canister.query('memory');
  const bytes = new Uint8Array(3);
  canister.stable.read((before + 2) * 65_536 - 5, bytes);
  expect([...bytes]).toEqual([1, 2, 3]);
});

test('the kernel goes on working after the heap has grown', () => {
  const canister = CanisterHost.install(linkedWasm);
  const answer = { ballast: 64, bytes: [5, 6, 0], size: 2 };
  expect(JSON.parse(canister.query('heap'))).toEqual(answer);
  expect(JSON.parse(canister.query('heap'))).toEqual(answer);
});

test('text is transcoded both ways, strictly', () => {
  expect(JSON.parse(CanisterHost.install(linkedWasm).query('text'))).toEqual({
    short: true,
    long: 15_000,
    empty: [0, ''],
    unpaired: [0x61, 0xef, 0xbf, 0xbd],
    mark: 1,
    invalid: 'CORRUPTED',
    order: 1,
  });
});

test('what is not for the kernel reaches the system', () => {
  const canister = CanisterHost.install(linkedWasm);
  expect(canister.query('passing')).toBe('true');
  expect(canister.certified).toEqual([Uint8Array.of(1, 2, 3)]);
  expect(canister.printed).toEqual(['hello']);
});

test("Azle's own map works until the guard is attached, and after it in the pages it has", () => {
  expect(CanisterHost.install(linkedWasm).query('azleAlone')).toBe('value');
  expect(CanisterHost.install(linkedWasm).query('azleBesideUs')).toBe('value');
});

test("Azle's own map that needs new pages traps once the guard is attached", () => {
  const canister = CanisterHost.install(linkedWasm);
  expect(() => canister.query('azleInOurWay')).toThrow(/Use BTreeMap of "stable-structures"/);
});

test('an unlinked canister refuses stable memory by code, and does not trap', () => {
  const canister = CanisterHost.install(azleWasm);
  expect(JSON.parse(canister.query('unlinked'))).toEqual([
    'UNLINKED_CANISTER',
    'UNLINKED_CANISTER',
  ]);
});

test('linking changes no export and adds no system call', () => {
  const before = readSections(azleWasm);
  const after = readSections(linkedWasm);
  const names = (sections: typeof before) => readExports(sections).map(({ name }) => name);
  expect(names(after).sort()).toEqual(names(before).sort());
  const calls = (sections: typeof before) =>
    new Set(readImports(sections).map(({ module, name }) => `${module}.${name}`));
  expect(calls(after)).toEqual(calls(before));
});

test('the interface is in the module, for everybody to read', () => {
  const section = readCustomSections(readSections(linkedWasm)).get('icp:public candid:service');
  expect(new TextDecoder().decode(section)).toBe(candid);
});

test(
  'the same input gives the same bytes',
  async () => {
    const again = await link({ azleWasm, kernelWasm: await compiledKernel(), candid });
    expect(Buffer.compare(again, linkedWasm)).toBe(0);
  },
  BUILD_TIMEOUT_MS,
);

test('what is linked is not linked again', async () => {
  const input = { azleWasm: linkedWasm, kernelWasm: await compiledKernel(), candid };
  await expect(link(input)).rejects.toThrow('the Wasm is linked already');
});
