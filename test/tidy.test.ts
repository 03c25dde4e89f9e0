/**
 * Taste that can be checked: who may import whom, how a file opens, how long it may get, what is
 * banned where, and that the README's tables are true.
 *
 * Source: house style rules 4, 17, 19 to 23 and section 5; TigerBeetle's `tidy`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LINE_LENGTH_MAX = 100;
const FILE_LINES_MAX = 400;

const SOURCES = [...filesBelow('src'), ...filesBelow('scripts'), ...filesBelow('test')];

/** TypeScript files below a folder, by their paths from the root. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === '.azle' ? [] : filesBelow(path);
      return path.endsWith('.ts') ? [path] : [];
    })
    .sort();
}

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** What a file imports: packages by name, files of this project by their paths from the root. */
function importsOf(path: string): string[] {
  const specifiers = textOf(path).matchAll(
    /^(?:import|export)\s[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return Array.from(specifiers, ([, from, bare, dynamic]) => (from ?? bare ?? dynamic)!).map(
    (specifier) =>
      specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), specifier)) : specifier,
  );
}

/** The room of a path: the first two folders below `src`, else the first; of a library's, three. */
function roomOf(path: string): string {
  const [top, room] = path.split('/');
  if (path.startsWith('src/lib/host/')) return 'src/lib/host';
  return top === 'src' ? `src/${room}` : top!;
}

/** What each room may import besides itself. `node:` stands for all of Node. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'src/lib': [],
  'src/lib/host': ['src/lib', 'node:'],
  'src/wasm': [],
  'src/azle': ['src/lib', 'azle'],
  'src/canister': ['src/azle', 'src/lib', 'azle', '@dfinity/candid'],
  'src/kernel': ['src/wasm', 'src/lib', 'node:'],
  'src/replica': [
    'src/lib',
    'src/lib/host',
    'src/wasm',
    '@dfinity/candid',
    '@dfinity/principal',
    '@noble/curves',
    'cborg',
    'json-with-bigint',
    'node:',
  ],
  'src/cli': ['src/kernel', 'src/wasm', 'node:'],
};

/** Whether an import is of this room, or of this package. */
function isOf(allowed: string, target: string): boolean {
  return allowed.startsWith('src/') ? roomOf(target) === allowed : target.startsWith(allowed);
}

describe('imports run one way', () => {
  test('and every room has its rule', () => {
    const rooms = new Set(SOURCES.filter((path) => path.startsWith('src/')).map(roomOf));
    expect([...rooms].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  test.each(Object.entries(MAY_IMPORT))('%s imports only what it may', (room, allowed) => {
    const strays = SOURCES.filter((path) => roomOf(path) === room).flatMap((path) =>
      importsOf(path)
        .filter((target) => roomOf(target) !== room)
        .filter((target) => !allowed.some((each) => isOf(each, target)))
        .map((target) => `${path} imports ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test('nothing but tests imports tests', () => {
    const strays = SOURCES.filter((path) => !path.startsWith('test/')).filter((path) =>
      importsOf(path).some((target) => target.startsWith('test/')),
    );
    expect(strays).toEqual([]);
  });

  test('the core of the replica sees Node only behind its walls', () => {
    const strays = SOURCES.filter((path) =>
      /^src\/replica\/(?!host\/|server\/|command\/)/.test(path),
    ).filter((path) =>
      importsOf(path).some((target) => isOf('node:', target) || isOf('src/lib/host', target)),
    );
    expect(strays).toEqual([]);
  });
});

describe('a file', () => {
  test.each(SOURCES.filter((path) => path.startsWith('src/')))('%s opens by saying why', (path) => {
    expect(textOf(path).replace(/^#!.*\n/, '')).toMatch(/^\/\*\*/);
  });

  test('has lines that fit a page', () => {
    const long = SOURCES.filter((path) => !path.startsWith('test/')).flatMap((path) =>
      textOf(path)
        .split('\n')
        .flatMap((line, index) => (line.length > LINE_LENGTH_MAX ? [`${path}:${index + 1}`] : [])),
    );
    expect(long).toEqual([]);
  });

  test('in src is no longer than can be read at a sitting', () => {
    const long = SOURCES.filter((path) => path.startsWith('src/')).filter(
      (path) => textOf(path).split('\n').length > FILE_LINES_MAX,
    );
    expect(long).toEqual([]);
  });

  test('leaves nothing for later and hides nothing from the checks', () => {
    const marks = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK', '@ts-' + 'ignore'].join('|'));
    expect(SOURCES.filter((path) => marks.test(textOf(path)))).toEqual([]);
  });

  test('names every export: no star', () => {
    expect(SOURCES.filter((path) => /^export \*/m.test(textOf(path)))).toEqual([]);
  });
});

describe('the library and the core of the replica', () => {
  const DATES = 'src/lib/codecs/date.ts';
  const PURE = SOURCES.filter((path) =>
    /^src\/(lib\/(?!host\/)|replica\/(?!host\/|server\/|command\/))/.test(path),
  );

  test.each([
    ['a clock', /\bDate\b(?!\.)|\bDate\.now|\bperformance\.now/],
    ['chance', /Math\.random|getRandomValues/],
    ['a timer', /\bset(Timeout|Interval|Immediate)\b/],
  ])('know no %s', (_, pattern) => {
    const users = PURE.filter((path) => pattern.test(withoutComments(textOf(path))));
    expect(users.filter((path) => path !== DATES)).toEqual([]);
  });

  test('make a date of a stored number in one file, and there of nothing else', () => {
    const code = withoutComments(textOf(DATES));
    expect(code.match(/\bDate(\.\w+|\(.*?\))/g)).toEqual(['Date(milliseconds)', 'Date.parse']);
    expect(code).not.toMatch(/new Date\b(?!\()|performance|Math\.random|\bset[TI]/);
  });

  test('touch a DataView in one file only', () => {
    const users = SOURCES.filter((path) => path.startsWith('src/lib')).filter((path) =>
      /\bDataView\b/.test(withoutComments(textOf(path))),
    );
    expect(users.filter((path) => path !== 'src/lib/bytes.ts')).toEqual([]);
  });
});

describe('tests', () => {
  test('mirror the library: each module has its twin', () => {
    const modules = filesBelow('src/lib').filter((path) => !NEEDS_NO_TWIN.test(path));
    const twins = new Set(filesBelow('test/lib'));
    const missing = modules.filter(
      (path) => !twins.has(path.replace('src/', 'test/').replace('.ts', '.test.ts')),
    );
    expect(missing).toEqual([]);
  });

  test('are not skipped, nor run alone', () => {
    const marks = /\b(test|it|describe)\.(skip|only|todo)\b/;
    expect(
      filesBelow('test').filter((path) => path !== 'test/tidy.test.ts' && marks.test(textOf(path))),
    ).toEqual([]);
  });
});

/** Lists of exports, bare types, and the parts of a structure, which are tested through it. */
const NEEDS_NO_TWIN =
  /(index|errors|codec|dispose|guards|magic)\.ts$|\/(allocator|bstack|bstack-allocators|btree-map|deque|journaled-memory|log|memory-manager|multi-map|ownership|s-[a-z-]+|unbounded-vec|vec|messages\/[a-z-]+)\//;

describe('what is promised in words', () => {
  test('the README has every error code, and no other', () => {
    const union = /export type StorageErrorCode =([\s\S]+?');\n/.exec(
      textOf('src/lib/errors.ts'),
    )![1]!;
    const codes = Array.from(union.matchAll(/'([A-Z_]+)'/g), ([, code]) => code!);
    const rows = Array.from(
      textOf('README.md').matchAll(/^\| `([A-Z_]+)` +\|/gm),
      ([, code]) => code!,
    );
    expect(rows.sort()).toEqual(codes.sort());
  });

  test.each(['src/index.ts', 'dfx.json', '.npmrc'])(
    'the README shows the example as it is: %s',
    (file) => {
      expect(textOf('README.md')).toContain(
        `\n${textOf(`examples/greeter/${file}`).trimEnd()}\n\`\`\``,
      );
    },
  );

  test('versions are exact, and the lock file holds no addresses', () => {
    for (const version of Object.values(packages())) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
    expect(textOf('package-lock.json')).not.toMatch(/"resolved": "http/);
  });

  // A registry that lacks the binaries of other platforms makes npm leave them out of the lock file,
  // and then `npm ci` refuses it everywhere.
  test('the lock file has every optional package, also those of other platforms', () => {
    const { packages } = JSON.parse(textOf('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          packages[`node_modules/${name}`] === undefined &&
          packages[`${path}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });

  test('the README says of every package why it is there', () => {
    const readme = textOf('README.md');
    const missing = Object.keys(packages()).filter((name) => !readme.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });
});

/** Every package that this one installs, with its version. */
function packages(): Record<string, string> {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    textOf('package.json'),
  );
  return { ...dependencies, ...devDependencies, ...optionalDependencies };
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}
