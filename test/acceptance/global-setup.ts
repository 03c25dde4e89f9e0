/**
 * Once per run: builds the canisters of `fixtures/` that have changed, and starts the one server
 * that all acceptance tests share. Its address is in `process.env.PIC_URL`.
 *
 *     THE SERVER IS             WHERE
 *     PocketIC                  `POCKET_IC_BIN` names its binary
 *     PocketIC                  the installer of @dfinity/pic has left its binary in that package
 *     the embedded replica      otherwise: the program of `src/replica`, as `npm run build` made it
 *
 * All are started in the same way, by the client itself, and no test can tell them apart.
 *
 * NOTE: Jest compiles this file by itself and resolves no relative import in it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PocketIcServer } from '@dfinity/pic';

/** An idle server ends itself after so many seconds, also where the run was killed. */
const TTL_IN_SECONDS = 1_800;

const EMBEDDED = join('dist', 'replica', 'server', 'main.js');

interface Choice {
  readonly binPath: string;
  readonly name: string;
}

export default async function setUp({ rootDir }: { rootDir: string }): Promise<void> {
  assertBuilt(join(rootDir, '.azle', 'data', 'data.wasm'));
  assertBuilt(join(rootDir, EMBEDDED));
  buildFixtures(rootDir);
  const { binPath, name } = chooseServer(rootDir);
  const server = await PocketIcServer.start({ binPath, ttl: TTL_IN_SECONDS });
  process.env['PIC_URL'] = server.getUrl();
  (globalThis as { picServer?: PocketIcServer }).picServer = server;
  process.stderr.write(`acceptance tests run on ${name}\n`);
}

function chooseServer(rootDir: string): Choice {
  const named = process.env['POCKET_IC_BIN'];
  if (named !== undefined && named !== '') {
    return { binPath: named, name: `the server that POCKET_IC_BIN names, ${named}` };
  }
  const client = createRequire(join(rootDir, 'package.json')).resolve('@dfinity/pic');
  const downloaded = join(dirname(client), '..', 'pocket-ic');
  if (existsSync(downloaded)) return { binPath: downloaded, name: 'the PocketIC of @dfinity/pic' };
  return { binPath: join(rootDir, EMBEDDED), name: 'the embedded replica' };
}

function assertBuilt(path: string): void {
  if (!existsSync(path)) throw new Error(`${path} does not exist. Run: npm run build`);
}

/** In a process of its own, for it runs the sources of the link step, which Jest would not load. */
function buildFixtures(rootDir: string): void {
  const script = join(rootDir, 'test', 'acceptance', 'support', 'build-fixtures.ts');
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', script], {
    cwd: rootDir,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the canisters of test/acceptance/fixtures do not build');
}
