/**
 * The tables of `docs/coming-from-rust.md` are complete and true: each public item of the crate has
 * one row, and each name of ours is exported, or a public member of something exported.
 *
 * Source: `specs/ic-stable-structures.md` sections 1 to 5; the crate's sources.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

const PAGE = readFileSync(new URL('../docs/coming-from-rust.md', import.meta.url), 'utf8');
const SURFACES = ['index.ts', 'host/index.ts'].map((file) =>
  fileURLToPath(new URL(`../src/lib/${file}`, import.meta.url)),
);

/** The members of each public item of the crate: no row may be dropped. */
const CRATE: Readonly<Record<string, string>> = {
  '': 'MAX_PAGES GrowFailed DefaultMemoryImpl Ic0StableMemory VectorMemory Storable Memory',
  Memory: 'size grow read read_unsafe write',
  'reader::': 'Reader BufferedReader OutOfBounds',
  Reader: 'new read',
  BufferedReader: 'new',
  'writer::': 'Writer BufferedWriter',
  Writer: 'new write flush',
  BufferedWriter: 'new',
  FileMemory: '. new',
  RestrictedMemory: '. new',
  'memory_manager::': 'MemoryManager MemoryId VirtualMemory',
  MemoryManager: 'init init_with_bucket_size get into_memory',
  MemoryId: 'new',
  StableBTreeMap: '.',
  'btreemap::': 'BTreeMap Iter',
  BTreeMap: `init new load insert get contains_key remove len is_empty first_key_value
    last_key_value pop_first pop_last clear clear_new into_memory iter range keys keys_range values
    values_range iter_from_prev_key iter_upper_bound with_node_cache node_cache_resize
    node_cache_num_slots node_cache_clear node_cache_metrics node_cache_reset_metrics
    node_cache_heap_usage`,
  KeysIter: '.',
  ValuesIter: '.',
  Iter: 'next next_back count',
  LazyEntry: '. key value into_pair',
  NodeCacheMetrics: '. new clear_counters hits cold_misses collision_misses misses total hit_ratio',
  StableBTreeSet: '.',
  'btreeset::': 'BTreeSet Iter',
  BTreeSet: `init new load insert contains remove len is_empty clear first last pop_first pop_last
    iter range union intersection symmetric_difference is_disjoint is_subset is_superset
    into_memory`,
  StableVec: '.',
  'vec::': 'Vec InitError',
  'vec::InitError': 'BadMagic IncompatibleVersion IncompatibleElementType OutOfMemory',
  Vec: 'new init into_memory clear is_empty len set get push pop iter',
  StableMinHeap: '.',
  'min_heap::': 'MinHeap',
  MinHeap: 'new init len clear is_empty push pop peek iter into_memory',
  StableCell: '.',
  'cell::': 'Cell InitError ValueError',
  'cell::InitError': 'IncompatibleVersion ValueTooLarge',
  'cell::ValueError': 'ValueTooLarge',
  Cell: 'new init get set into_memory',
  StableLog: '.',
  'log::': `Log Iter iter_thread_local ThreadLocalRefIterator InitError WriteError NoSuchEntry
    INDEX_MAGIC DATA_MAGIC`,
  'log::InitError': 'IncompatibleDataVersion IncompatibleIndexVersion InvalidIndex',
  'log::WriteError': 'GrowFailed',
  Log: `new init append get first last len is_empty iter read_entry clear index_size_bytes
    data_size_bytes log_size_bytes into_memories`,
  Storable: `to_bytes into_bytes from_bytes BOUND to_bytes_checked into_bytes_checked
    check_bounds`,
  'storable::': 'Bound Blob TryFromSliceError BoundedVecN UnboundedVecN',
  Bound: 'Unbounded Bounded max_size is_fixed_size',
  Blob: 'as_slice is_empty len try_from',
  BoundedVecN: 'from MAX_SIZE',
  UnboundedVecN: 'from MAX_SIZE',
};

/** The types that the crate can store. */
const STORABLE_TYPES = [
  ...['u8', 'u16', 'u32', 'u64', 'u128', 'f32', 'f64', 'bool', '()', '[u8; N]', 'Vec<u8>'],
  ...['String', 'Principal', 'Reverse<T>', 'Option<T>', '(A, B)', '(A, B, C)'],
];

/** The names of {@link CRATE}: `.` stands for the item itself, `a::` for the module. */
function crateItems(): string[] {
  const members = Object.entries(CRATE).flatMap(([owner, names]) =>
    names.split(/\s+/).map((name) => {
      if (name === '.') return owner;
      return owner === '' || owner.endsWith('::') ? owner + name : `${owner}::${name}`;
    }),
  );
  return [...members, ...STORABLE_TYPES.map((type) => `Storable for ${type}`)];
}

/** The cells of all rows of the tables whose first column has this heading. */
function rowsOf(heading: string): string[][] {
  const rows: string[][] = [];
  let isWithin = false;
  for (const line of PAGE.split('\n')) {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells.length === 0) isWithin = false;
    else if (cells[0] === heading) isWithin = true;
    else if (isWithin && !/^-+$/.test(cells[0]!)) rows.push(cells);
  }
  return rows;
}

/** The code in a cell: `` `a`, `b` `` has a and b. */
function codeIn(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, code]) => code!);
}

/** Every name that the library exports, and each public member as `Name.member`. */
function namesOfOurs(): ReadonlySet<string> {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, strict: true };
  const program = ts.createProgram(SURFACES, options);
  const checker = program.getTypeChecker();
  const names = new Set<string>();
  for (const file of SURFACES) {
    const surface = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    for (const symbol of checker.getExportsOfModule(surface)) {
      names.add(symbol.name);
      for (const member of membersOf(checker, symbol)) names.add(`${symbol.name}.${member}`);
    }
  }
  return names;
}

function membersOf(checker: ts.TypeChecker, exported: ts.Symbol): string[] {
  const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
  const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
  const own = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
  const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
  const statics = isClass ? checker.getTypeOfSymbol(symbol).getProperties() : [];
  return [...own, ...statics].filter(isPublic).map(({ name }) => name);
}

function isPublic(member: ts.Symbol): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (member.declarations ?? []).every(
    (declaration) => (ts.getCombinedModifierFlags(declaration) & hidden) === 0,
  );
}

describe('the tables for those who come from Rust', () => {
  const rows = rowsOf('crate');
  const named = rows.map(([item]) => codeIn(item!).join());

  test('have one row for each public item of the crate, and for nothing else', () => {
    const items = crateItems();
    expect(items.filter((item) => !named.includes(item))).toEqual([]);
    expect(named.filter((item) => !items.includes(item))).toEqual([]);
    expect(named.filter((item, index) => named.indexOf(item) !== index)).toEqual([]);
    expect(new Set(items).size).toBe(items.length);
    expect(items).toHaveLength(225);
  });

  test('say why, where we have nothing', () => {
    const empty = rows.filter(([, ours]) => codeIn(ours!).length === 0);
    expect(empty.filter(([, ours, remark]) => ours !== '—' || remark === '')).toEqual([]);
    expect(empty.length).toBeLessThan(15);
  });

  test('name only what the library has', () => {
    const ours = namesOfOurs();
    const cells = [...rows.map(([, cell]) => cell!), ...rowsOf('ours').map(([cell]) => cell!)];
    const missing = cells.flatMap(codeIn).filter((name) => !ours.has(name));
    expect([...new Set(missing)]).toEqual([]);
  });
});
