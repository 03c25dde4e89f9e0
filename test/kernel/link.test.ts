import { beforeAll, expect, jest, test } from '@jest/globals';
import binaryen from 'binaryen';
import { LinkError } from '../../src/kernel/link-error.js';
import { link } from '../../src/kernel/link.js';
import { KERNEL_STATE } from '../../src/lib/kernel-client.js';
import { WasmFormatError } from '../../src/wasm/leb128.js';
import {
  customSection,
  readCustomSections,
  readExports,
  readImports,
  readSections,
  writeSections,
} from '../../src/wasm/module.js';
import { linkableModule } from '../support/azle-module.js';
import { compiledKernel } from '../support/compiled-kernel.js';
import { COMPILE_TIMEOUT_MS } from '../support/kernel-host.js';

/** Each test starts `wasm-merge`, which takes its time on a busy machine. */
jest.setTimeout(COMPILE_TIMEOUT_MS);

const CANDID = 'service : { run : () -> () query }';

let azleWasm: Uint8Array;
let kernelWasm: Uint8Array;

beforeAll(async () => {
  azleWasm = linkableModule();
  kernelWasm = await compiledKernel();
});

test('the linked module runs: its calls go through the kernel to the system', async () => {
  const { instance, calls } = instantiate(await link({ azleWasm, kernelWasm, candid: CANDID }));
  expect((instance.exports['canister_query run'] as () => number)()).toBe(1);
  expect(calls).toEqual(['certified_data_set', 'stable64_grow', 'stable64_write']);
});

test('it has the exports that it had, imports nothing but the system, and says it is linked', async () => {
  const linked = await link({ azleWasm, kernelWasm, candid: CANDID });
  const sections = readSections(linked);
  expect(readExports(sections).map(({ name }) => name)).toEqual(['memory', 'canister_query run']);
  expect(new Set(readImports(sections).map(({ module }) => module))).toEqual(new Set(['ic0']));
  expect(Buffer.from(linked).includes("'stable-structures kernel: present'")).toBe(true);
  expect(Buffer.from(linked).includes(KERNEL_STATE)).toBe(false);
});

test('it carries the interface once, also where the module had one', async () => {
  const old = customSection('icp:public candid:service', Buffer.from('service : {}'));
  const other = customSection('icp:private notes', Buffer.from('kept'));
  const input = writeSections([...readSections(azleWasm), old, other]);
  const sections = readSections(await link({ azleWasm: input, kernelWasm, candid: CANDID }));
  const found = sections.filter((section) =>
    readCustomSections([section]).has('icp:public candid:service'),
  );
  expect(found).toHaveLength(1);
  const named = readCustomSections(sections);
  expect(Buffer.from(named.get('icp:public candid:service')!).toString()).toBe(CANDID);
  expect(Buffer.from(named.get('icp:private notes')!).toString()).toBe('kept');
});

test('the same input gives the same bytes', async () => {
  const input = { azleWasm, kernelWasm, candid: CANDID };
  const [first, second] = await Promise.all([link(input), link(input)]);
  expect(Buffer.compare(first, second)).toBe(0);
});

test('a kernel that lacks a function is refused', async () => {
  const lesser = binaryen.parseText('(module (import "env" "memory" (memory 0)))').emitBinary();
  await expect(link({ azleWasm, kernelWasm: lesser, candid: CANDID })).rejects.toThrow(LinkError);
});

test.each([
  ['bytes that are no module', Buffer.from(KERNEL_STATE), WasmFormatError],
  ['a module that is not from Azle', moduleWith(KERNEL_STATE), LinkError],
  ['a module without the library', moduleWith('nothing'), LinkError],
])('%s are refused', async (_, wasm, error) => {
  await expect(link({ azleWasm: wasm, kernelWasm, candid: CANDID })).rejects.toThrow(error);
});

function moduleWith(text: string): Uint8Array {
  return binaryen.parseText(`(module (memory 1) (data (i32.const 0) "${text}"))`).emitBinary();
}

function instantiate(wasm: Uint8Array) {
  const calls: string[] = [];
  const note = (name: string, answer: unknown) => () => {
    calls.push(name);
    return answer;
  };
  const ic0 = new Proxy(
    {
      certified_data_set: note('certified_data_set', undefined),
      stable64_grow: note('stable64_grow', 0n),
      stable64_write: note('stable64_write', undefined),
      stable64_size: () => 0n,
      in_replicated_execution: () => 1,
    },
    { get: (known, name) => Reflect.get(known, name) ?? (() => 0) },
  );
  const module = new WebAssembly.Module(wasm as BufferSource);
  return { instance: new WebAssembly.Instance(module, { ic0 }), calls };
}
