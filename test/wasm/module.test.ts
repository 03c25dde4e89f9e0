/** Modules as lists of sections: what is read is what was written, and nothing else changes. */
import { describe, expect, test } from '@jest/globals';
import binaryen from 'binaryen';

import { WasmFormatError } from '../../src/wasm/leb128.js';
import {
  customSection,
  ExternKind,
  readCustomSections,
  readExports,
  readImports,
  readSections,
  SectionId,
  sectionPayload,
  withSection,
  writeExports,
  writeImports,
  writeSections,
} from '../../src/wasm/module.js';

const WASM = new Uint8Array(
  binaryen
    .parseText(
      `(module
        (import "ic0" "time" (func $time (result i64)))
        (import "env" "memory" (memory 1 2))
        (import "env" "table" (table 1 funcref))
        (import "env" "base" (global i32))
        (data (i32.const 0) "abc")
        (func (export "run") (drop (call $time))))`,
    )
    .emitBinary(),
);

test('sections go back together, byte for byte', () => {
  expect(Buffer.from(writeSections(readSections(WASM))).equals(WASM)).toBe(true);
});

test('imports of every kind are read, and written back as they were', () => {
  const sections = readSections(WASM);
  const imports = readImports(sections);
  expect(imports.map(({ module, name, kind }) => [module, name, kind])).toEqual([
    ['env', 'memory', ExternKind.memory],
    ['env', 'table', ExternKind.table],
    ['env', 'base', ExternKind.global],
    ['ic0', 'time', ExternKind.function],
  ]);
  expect(writeImports(imports)).toEqual(sectionPayload(sections, SectionId.import));
});

test('exports are read, and written back as they were', () => {
  const sections = readSections(WASM);
  const exports = readExports(sections);
  expect(exports.map(({ name, kind }) => [name, kind])).toEqual([['run', ExternKind.function]]);
  expect(writeExports(exports)).toEqual(sectionPayload(sections, SectionId.export));
});

describe('a new section', () => {
  const idsWith = (id: number): number[] =>
    withSection(readSections(WASM), id, Uint8Array.of(0)).map((section) => section.id);

  test('stands where the specification wants it', () => {
    const global = idsWith(SectionId.global);
    expect(global.indexOf(SectionId.global)).toBe(global.indexOf(SectionId.export) - 1);
    const count = idsWith(SectionId.dataCount);
    expect(count.indexOf(SectionId.dataCount)).toBe(count.indexOf(SectionId.code) - 1);
  });

  test('takes the place of an old one', () => {
    const ids = readSections(WASM).map(({ id }) => id);
    expect(idsWith(SectionId.export)).toEqual(ids);
  });
});

test('custom sections are found by name, the first of a name', () => {
  const sections = [
    ...readSections(WASM),
    customSection('icp:public note', Uint8Array.of(1)),
    customSection('icp:public note', Uint8Array.of(2)),
  ];
  const found = readCustomSections(readSections(writeSections(sections)));
  expect(found.get('icp:public note')).toEqual(Uint8Array.of(1));
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['another format', new TextEncoder().encode('nonsense')],
  ['another version', Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0)],
  ['a section cut short', WASM.subarray(0, WASM.length - 1)],
])('%s is no module', (_name, wasm) => {
  expect(() => readSections(wasm)).toThrow(WasmFormatError);
});
