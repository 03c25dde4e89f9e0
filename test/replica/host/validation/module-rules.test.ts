/** Every rule for canister modules: the last module that keeps it, and the first that breaks it. */
import { describe, expect, test } from '@jest/globals';

import { nodeHost } from '../../../../src/replica/index.js';
import { functionType, NumberType, withAppended } from '../../../../src/wasm/function.js';
import { WasmWriter } from '../../../../src/wasm/leb128.js';
import { customSection, SectionId, writeSections } from '../../../../src/wasm/module.js';
import type { Section } from '../../../../src/wasm/module.js';
import { assemble, canister } from '../../support.js';

/** Why the module is refused; undefined where it is not. */
function refusal(wasm: Uint8Array): string | undefined {
  const compiled = nodeHost.compile(wasm);
  return 'invalid' in compiled ? compiled.invalid : undefined;
}

function vector(id: number, count: number, entry: Uint8Array): Section {
  return { id, payload: withAppended([], id, new Array<Uint8Array>(count).fill(entry)) };
}

const NOTHING = functionType({ parameters: [], results: [] });
const [NOP, END] = [0x01, 0x0b];

function body(code: Uint8Array): Uint8Array {
  const sized = new WasmWriter().byte(0).raw(code).toBytes();
  return new WasmWriter().sized(sized).toBytes();
}

function functions(count: number, code = Uint8Array.of(END)): Uint8Array {
  return writeSections([
    vector(SectionId.type, 1, NOTHING),
    vector(SectionId.function, count, Uint8Array.of(0)),
    vector(SectionId.code, count, body(code)),
  ]);
}

/** A function of so many instructions, its `end` included. */
function functionOf(instructions: number): Uint8Array {
  const code = new Uint8Array(instructions).fill(NOP);
  code[instructions - 1] = END;
  return functions(1, code);
}

function globals(count: number): Uint8Array {
  const zero = Uint8Array.of(NumberType.i32, 1, 0x41, 0, END);
  return writeSections([vector(SectionId.global, count, zero)]);
}

function methods(names: readonly string[]): Uint8Array {
  const entries = names.map((name) => new WasmWriter().name(name).byte(0).byte(0).toBytes());
  return writeSections([
    vector(SectionId.type, 1, NOTHING),
    vector(SectionId.function, 1, Uint8Array.of(0)),
    { id: SectionId.export, payload: withAppended([], SectionId.export, entries) },
    vector(SectionId.code, 1, body(Uint8Array.of(END))),
  ]);
}

function manyMethods(count: number): Uint8Array {
  return methods(Array.from({ length: count }, (_, index) => `canister_query ${index}`));
}

function methodNames(size: number): Uint8Array {
  return methods([`canister_query ${'a'.repeat(size - 1)}`, 'canister_update b']);
}

function sections(...named: readonly (readonly [string, number])[]): Uint8Array {
  return writeSections(named.map(([name, size]) => customSection(name, new Uint8Array(size))));
}

function metadata(count: number): Uint8Array {
  return sections(
    ...Array.from({ length: count }, (_, index) => [`icp:public ${index}`, 1] as const),
  );
}

const MIB = 2 ** 20;

describe('the limit of', () => {
  test.each([
    ['50,000 functions', functions(50_000), functions(50_001), 'defined 50001 functions'],
    [
      '1,000,000 instructions in a function',
      functionOf(1_000_000),
      functionOf(1_000_001),
      'of size 1000001 that exceeds the maximum allowed size of 1000000',
    ],
    ['1,000 globals', globals(1000), globals(1001), 'defined 1001 globals'],
    ['1,000 methods', manyMethods(1000), manyMethods(1001), 'exported methods, 1001, exceeds'],
    ['20,000 bytes in names of methods', methodNames(20_000), methodNames(20_001), '20001'],
    ['16 sections of metadata', metadata(16), metadata(17), 'defined 17 custom sections'],
    [
      '1 MiB in all sections of metadata',
      sections(['icp:public a', MIB - 10], ['icp:private b', 8]),
      sections(['icp:public a', MIB - 10], ['icp:private b', 9]),
      `have ${MIB + 1} bytes in all`,
    ],
    [
      '1 table',
      assemble('(module (table 1 funcref))'),
      assemble('(module (table $a 1 funcref) (table $b 1 funcref))'),
      'defined 2 tables',
    ],
  ])('%s', (_name, largest, tooLarge, reason) => {
    expect(refusal(largest)).toBeUndefined();
    expect(refusal(tooLarge)).toContain(reason);
  });

  test('10 MiB of code', () => {
    const code = new Uint8Array(999_000).fill(NOP);
    code[code.length - 1] = END;
    const filler = (count: number) => functions(count, code);
    expect(refusal(filler(10))).toBeUndefined();
    expect(refusal(filler(11))).toMatch(/code section size of 1098\d+ exceeds .* of 10485760/);
  });
});

describe('imports: refused is', () => {
  test.each([
    ['what the system does not offer', '(import "ic0" "teleport" (func))', "function 'teleport'"],
    ['what another module offers', '(import "env" "time" (func))', "'time' from 'env'"],
    ['a name of the language', '(import "ic0" "toString" (func))', "function 'toString'"],
    ['a memory', '(import "env" "memory" (memory 1))', "memory 'memory' from 'env'"],
    ['a table', '(import "ic0" "time" (table 1 funcref))', "table 'time'"],
    ['a global', '(import "ic0" "time" (global i64))', "global 'time'"],
    ['a parameter too many', '(import "ic0" "msg_reply" (func (param i32)))', '(i32) -> ()'],
    ['another parameter', '(import "ic0" "debug_print" (func (param i32 i64)))', '(i32 i32) -> ()'],
    ['another result', '(import "ic0" "time" (func (result i32)))', '() -> (i64)'],
    ['no result', '(import "ic0" "stable64_size" (func))', '() -> (i64)'],
    ['a float', '(import "ic0" "msg_reply" (func (param f64)))', 'got (f64) -> ()'],
  ])('%s', (_name, wat, reason) => {
    expect(refusal(assemble(`(module ${wat})`))).toContain(reason);
  });

  test('nothing of the system interface with its own types', () => {
    expect(refusal(canister(''))).toBeUndefined();
  });
});

describe('exports: refused is', () => {
  test.each([
    ['a name kept for the system', '(func (export "canister_dance"))', "'canister_dance'"],
    ['the start function by its name', '(func (export "canister_start"))', "'canister_start'"],
    ['a name of the host', '(memory (export "__replica_memory") 1)', "'__replica_memory'"],
    ['a method without a space', '(func (export "canister_query"))', "'canister_query'"],
    [
      'an update and a query of one name',
      '(func (export "canister_update a")) (func (export "canister_query a"))',
      "Duplicate function 'a'",
    ],
    [
      'a query and a composite query of one name',
      '(func (export "canister_query a")) (func (export "canister_composite_query a"))',
      "Duplicate function 'a'",
    ],
    ['a method that takes something', '(func (export "canister_update a") (param i32))', '(i32)'],
    [
      'a hook that gives something back',
      '(func (export "canister_init") (result i32) (i32.const 1))',
      "'canister_init', got () -> (i32)",
    ],
    [
      'a method that is an import with another type',
      '(import "ic0" "time" (func $t (result i64))) (export "canister_query a" (func $t))',
      '() -> (i64)',
    ],
  ])('%s', (_name, wat, reason) => {
    expect(refusal(assemble(`(module ${wat})`))).toContain(reason);
  });

  test.each([
    ['a function of any type under another name', '(func (export "a") (param f32) (unreachable))'],
    ['a method without a name', '(func (export "canister_query "))'],
    [
      'a system call as a method',
      '(import "ic0" "msg_reply" (func $r)) (export "canister_query a" (func $r))',
    ],
    ['the hook for low memory', '(func (export "canister_on_low_wasm_memory"))'],
  ])('not %s', (_name, wat) => {
    expect(refusal(assemble(`(module ${wat})`))).toBeUndefined();
  });

  test('a memory is no method, whatever its name', () => {
    const compiled = nodeHost.compile(assemble('(module (memory (export "canister_query a") 1))'));
    expect('invalid' in compiled || compiled.exports.has('canister_query a')).toBe(false);
  });
});

describe('custom sections: refused is', () => {
  test.each([
    ['one that does not say who may read it', sections(['icp:candid', 1]), 'no public/private'],
    ['one with another scope', sections(['icp:protected a', 1]), "'icp:protected a'"],
    ['one without a name', sections(['icp:public', 1]), "'icp:public'"],
    [
      'one name twice',
      sections(['icp:public a', 1], ['icp:private a', 1]),
      'name a already exists',
    ],
  ])('%s', (_name, wasm, reason) => {
    expect(refusal(wasm)).toContain(reason);
  });

  test('none of the compiler', () => {
    expect(refusal(sections(['name', 2 * MIB], ['name', 1], ['producers', 5]))).toBeUndefined();
  });
});

describe('globals: refused is', () => {
  const vectorOfZeroes = [0xfd, 0x0c, ...new Array<number>(16).fill(0), END];
  test.each([
    ['a vector', [0x7b, 1, ...vectorOfZeroes]],
    ['a reference', [0x70, 1, 0xd0, 0x70, END]],
    ['a constant reference', [0x6f, 0, 0xd0, 0x6f, END]],
  ])('%s', (_name, global) => {
    const wasm = writeSections([vector(SectionId.global, 1, Uint8Array.from(global))]);
    expect(refusal(wasm)).toContain('Unsupported global type');
  });
});

describe('code: refused is', () => {
  test.each([
    ['a thread', [0xfe, 0x03, 0, END], 'fence'],
    ['an exception', [0x06, 0x40, 0x19, END, END], 'opcode 0x6'],
    ['a global that metering adds', [0x23, 0, 0x1a, END], 'global'],
    ['a function that metering adds', [0x10, 1, END], 'function'],
    ['what does not fit its type', [0x41, 0, END], 'CompileError'],
  ])('%s', (_name, code, reason) => {
    const found = refusal(functions(1, Uint8Array.from(code)));
    expect(found).toBeDefined();
    if (reason !== 'CompileError' && reason !== 'fence') expect(found).toContain(reason);
  });
});
