/**
 * The package as a stranger gets it: packed, installed in an empty folder beside the example of the
 * README, and used from there. Nothing of this repository is in reach of that folder.
 */
import { execFile, type ExecFileException } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLE = join(ROOT, 'examples', 'greeter');

/** What lies in the example's folder where somebody has tried it there. */
const MADE_BY_USE = ['node_modules', '.azle', 'package-lock.json'];

/** What a statement imports from, or a type does; comments are never at the start of a line. */
const IMPORTED = /^(?:import |(?:import|export)\b[^;]*?(?:\bfrom |\bimport\())['"](.*?)['"]/gm;

let folder: string;
let project: string;
let files: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stable-structures-'));
  project = join(folder, 'greeter');
  const packed = await run(
    ROOT,
    'npm',
    'pack',
    '--ignore-scripts',
    '--json',
    '--pack-destination',
    folder,
  );
  const [tarball] = JSON.parse(packed);
  files = tarball.files.map(({ path }: { path: string }) => path);
  await mkdir(project);
  for (const name of await readdir(EXAMPLE)) {
    if (MADE_BY_USE.includes(name)) continue;
    await cp(join(EXAMPLE, name), join(project, name), { recursive: true });
  }
  const archive = join(folder, tarball.filename);
  await run(project, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', archive);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The library's own files may name one another, without those that need Node; those, Node too. */
const OWN_IMPORT =
  /^(?!\S*\/host\/)\S+ imports \.\.?\/(?!\S*\bhost\/)\S*\.js$|\/host\/\S+ imports (\.\.?\/\S*\.js|node:[a-z]+)$/;

const PAPERS = /^(dist\/|docs\/[a-z-]+\.(md|svg)$|[A-Z]+(\.md)?$|package\.json$)/;

describe('the tarball', () => {
  test('has nothing but what was compiled and the papers', () => {
    const strangers = files.filter((file) => !PAPERS.test(file));
    expect(strangers).toEqual([]);
    expect(files.filter((file) => /\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  test('has the library, the command, the kernel and the replica, with types', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'dist/azle/index.d.ts',
        'dist/azle/index.js',
        'dist/cli/main.js',
        'dist/kernel/kernel.wasm',
        'dist/lib/host/index.d.ts',
        'dist/lib/host/index.js',
        'dist/lib/index.d.ts',
        'dist/lib/index.js',
        'dist/replica/index.d.ts',
        'dist/replica/index.js',
        'dist/replica/command/icp-launcher.js',
        'dist/replica/command/main.js',
        'dist/replica/command/status-page.html',
        'dist/replica/server/main.js',
      ]),
    );
  });

  test('has a library that imports nothing but its own files, and Node for files', async () => {
    const modules = files.filter((file) => /^dist\/lib\/.*\.(js|d\.ts)$/.test(file));
    expect(modules.length).toBeGreaterThan(50);
    for (const file of modules) {
      const source = await readFile(join(project, 'node_modules/stable-structures', file), 'utf8');
      for (const [, specifier] of source.matchAll(IMPORTED)) {
        expect(`${file} imports ${specifier}`).toMatch(OWN_IMPORT);
      }
    }
  });
});

describe('in the project of a user', () => {
  test('the entries of the package resolve, with their types, under either resolution', async () => {
    await writeFile(join(project, 'entries.mts'), ENTRIES);
    for (const resolution of ['bundler', 'nodenext']) {
      const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
      const options = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022'];
      const resolved = ['--module', module, '--moduleResolution', resolution];
      await run(project, 'npx', 'tsc', ...options, ...resolved, 'entries.mts');
    }
  });

  test("Azle's decorators resolve, with the types of Azle's own", async () => {
    await writeFile(join(project, 'decorators.ts'), DECORATORS);
    const options = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022'];
    const resolved = ['--module', 'esnext', '--moduleResolution', 'bundler'];
    await run(project, 'npx', 'tsc', ...options, ...resolved, 'decorators.ts');
  });

  test('what is not exported does not resolve', async () => {
    const program = "await import('stable-structures/dist/lib/index.js')";
    await expect(
      run(project, process.execPath, '--input-type=module', '--eval', program),
    ).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  test('the library works in Node, with no canister around', async () => {
    const printed = await run(project, process.execPath, '--input-type=module', '--eval', IN_NODE);
    expect(printed.trim()).toBe('ada 36n');
  });

  test('the commands of the replica start', async () => {
    for (const command of ['replica', 'embedded-pocket-ic']) {
      expect(await run(project, 'npx', command, '--version')).toMatch(/\d+\.\d+\.\d+/);
    }
  });

  test('the example type-checks, with no annotation on its maps', async () => {
    await run(project, 'npx', 'tsc');
    const source = await readFile(join(project, 'src', 'index.ts'), 'utf8');
    expect(source).toMatch(/^const members = BTreeMap\.init\(/m);
  });

  test('its types are inferred: a wrong value does not compile', async () => {
    const path = join(project, 'src', 'index.ts');
    const source = await readFile(path, 'utf8');
    const wrong = source.replace(
      'members.insert(id, { name, joined })',
      'members.insert(id, { name })',
    );
    expect(wrong).not.toBe(source);
    await writeFile(path, wrong);
    await expect(run(project, 'npx', 'tsc')).rejects.toThrow("Property 'joined' is missing");
    await writeFile(path, source);
  });

  test('one command builds it, and it keeps its data through an upgrade on the replica', async () => {
    const built = await run(project, 'npx', 'stable-structures', 'build', 'greeter');
    expect(built).toContain('.azle/greeter/greeter.wasm');
    const printed = await run(project, process.execPath, 'try.js');
    expect(printed).toContain('Welcome, Mary!\nGood to see you again, Mary!\n');
    expect(printed).toContain('newest first: Mary Hedy Barbara Grace Ada\n');
  });
});

/** Uses a name of each entry as a type and as a value. */
const ENTRIES = `
import { BTreeMap, text, u64, VectorMemory, type Memory, type Storage } from 'stable-structures';
import { FileStorage, type FileOptions } from 'stable-structures/host';
import { startReplica, type ReplicaServer } from 'stable-structures/replica';

const memory: Memory = new VectorMemory();
const map = BTreeMap.init(memory, text, u64);
export const found: bigint | undefined = map.get('ada');
export const url = async (): Promise<string> => {
  const server: ReplicaServer = await startReplica();
  return server.url;
};
export const open = (options: FileOptions): Storage => FileStorage.open('file', options);
// @ts-expect-error: the keys are texts
map.get(1n);
`;

/** Each is used as Azle's is, and checks its parameters as Azle's does. */
const DECORATORS = `
import { IDL } from 'azle';
import * as azle from 'azle';
import { Outbox, u64, VectorMemory } from 'stable-structures';
import * as ours from 'stable-structures/azle';

const { courier, ...decorators } = ours;
export const same: Pick<typeof azle, keyof typeof decorators> = decorators;

const memories = { messages: new VectorMemory(), schedule: new VectorMemory() };
const outbox = Outbox.init(memories, { codec: u64, capacity: 10 });
courier(outbox, async ({ payload, token }) => payload + token).arm();
// @ts-expect-error: the outbox has other letters
courier(outbox, ({ payload }) => payload.length);

export default class {
  @ours.query([IDL.Text], IDL.Text, { hidden: true })
  echo(text: string): string {
    return text;
  }
  // @ts-expect-error: no such option
  @ours.query([], IDL.Text, { cheap: true })
  hello(): string {
    return 'hello';
  }
}
`;

const IN_NODE = `
import { BTreeMap, defaultMemory, MemoryManager, text, u64 } from 'stable-structures';

const map = BTreeMap.init(MemoryManager.init(defaultMemory()).get(0), text, u64);
map.insert('ada', 36n);
for (const [name, age] of map) console.log(name, age);
`;

/** Runs a program and returns what it printed. Rejects with all that it said where it fails. */
function run(cwd: string, program: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd }, (error: ExecFileException | null, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`));
    });
  });
}
