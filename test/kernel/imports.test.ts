import { expect, test } from '@jest/globals';
import { interceptImports, KERNEL_MODULE } from '../../src/kernel/imports.js';
import { LinkError } from '../../src/kernel/link-error.js';
import {
  ExternKind,
  readImports,
  SectionId,
  writeImports,
  type Section,
} from '../../src/wasm/module.js';

/** What Azle 0.33.0 imports of what matters here, and one more. */
const NAMES = [
  'certified_data_set',
  'debug_print',
  'in_replicated_execution',
  'msg_arg_data_copy',
  'msg_arg_data_size',
  'msg_method_name_copy',
  'msg_method_name_size',
  'msg_reply',
  'stable64_grow',
  'stable64_read',
  'stable64_size',
  'stable64_write',
  'trap',
];
const LEFT_ALONE = ['msg_reply', 'stable64_read', 'stable64_size', 'trap'];

test('exactly the intercepted imports change their module, in place', () => {
  const before = [importSection(NAMES), { id: SectionId.code, payload: Uint8Array.of(0) }];
  const after = interceptImports(before);
  expect(after[1]).toBe(before[1]);
  expect(readImports(after)).toEqual(
    readImports(before).map((entry) => ({
      ...entry,
      module: LEFT_ALONE.includes(entry.name) ? 'ic0' : KERNEL_MODULE,
    })),
  );
});

test('an import of the same name from elsewhere is left alone', () => {
  const foreign = { module: 'env', name: 'debug_print', kind: 0, type: Uint8Array.of(1) };
  const section = importSection(NAMES, [foreign]);
  expect(readImports(interceptImports([section])).at(-1)).toEqual(foreign);
});

test.each(NAMES.filter((name) => name !== 'msg_reply'))(
  'a module that does not import %s is refused by that name, with the version of Azle',
  (missing) => {
    const section = importSection(NAMES.filter((name) => name !== missing));
    expect(() => interceptImports([section])).toThrow(LinkError);
    expect(() => interceptImports([section])).toThrow(`"ic0.${missing}"`);
    expect(() => interceptImports([section])).toThrow('npm install azle@0.33.0');
  },
);

test('a module without imports is refused', () => {
  expect(() => interceptImports([])).toThrow(LinkError);
});

function importSection(
  names: readonly string[],
  others: Parameters<typeof writeImports>[0] = [],
): Section {
  const calls = names.map((name, index) => ({
    module: 'ic0',
    name,
    kind: ExternKind.function,
    type: Uint8Array.of(index),
  }));
  return { id: SectionId.import, payload: writeImports([...calls, ...others]) };
}
