/**
 * The real `icp` command in a project of its own: a folder with an `icp.yaml` and a canister, and a
 * home for its identities, both gone when the test is over.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { describe, test } from '@jest/globals';

import { canister } from '../../replica/support.js';

const PACKAGE = `@icp-sdk/icp-cli-${process.platform}-${process.arch}`;

/** The path of the command; undefined where its package is not there for this platform. */
const ICP = findIcp();

function findIcp(): string | undefined {
  try {
    const manifest = createRequire(join(process.cwd(), 'x')).resolve(`${PACKAGE}/package.json`);
    return join(dirname(manifest), 'bin', 'icp');
  } catch {
    return undefined;
  }
}

/** A suite that needs the command. Where it is not installed, one test says that nothing ran. */
export function describeWithIcp(name: string, suite: () => void): void {
  if (ICP !== undefined) return describe(name, suite);
  const reason = `${name}: not run, the optional package ${PACKAGE} is not installed`;
  test(reason, () => void process.stderr.write(`${reason}\n`));
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

export class IcpProject {
  readonly root = mkdtempSync(join(tmpdir(), 'icp-project-'));

  constructor(manifest: string, environment: NodeJS.ProcessEnv = {}) {
    this.environment = {
      ...process.env,
      DO_NOT_TRACK: '1',
      NO_COLOR: '1',
      ICP_HOME: join(this.root, 'home'),
      ...environment,
    };
    mkdirSync(join(this.root, 'home'));
    this.write('icp.yaml', manifest);
    this.install(1);
  }

  readonly environment: NodeJS.ProcessEnv;

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.root, name), content);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.root, name);
  }

  /** Puts this version of the counter where `icp deploy` takes it from. */
  install(version: number): void {
    this.write('counter.wasm', counter(version));
  }

  /** Runs the command to its end; throws with all that it said where it fails. */
  async icp(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#run(args);
    if (code === 0) return stdout + stderr;
    throw new Error(`icp ${args.join(' ')} failed (${code}):\n${stdout}${stderr}`);
  }

  /** What the command says when it fails; throws where it does not. */
  async refusal(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#run(args);
    if (code !== 0) return stdout + stderr;
    throw new Error(`icp ${args.join(' ')} was expected to fail, but said:\n${stdout}${stderr}`);
  }

  #run(args: readonly string[]): Promise<Output & { readonly code: number | null }> {
    return new Promise((resolve, reject) => {
      const { root: cwd, environment: env } = this;
      const child = spawn(ICP!, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
      child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  }
}

/** The project's canister, as an entry of its manifest. */
export const COUNTER_MANIFEST = `
canisters:
  - name: counter
    build:
      steps:
        - type: pre-built
          path: counter.wasm
`;

const CANDID =
  'service : { inc : () -> (nat64); get : () -> (nat64) query; version : () -> (nat64) query }';

/** Counts in its heap, carries the count over an upgrade in stable memory, and says so. */
function counter(version: number): Uint8Array {
  const wasm = canister(`
    (data (i32.const 0) "DIDL\\00\\01\\78")
    (data (i32.const 100) "counted")
    (func $reply (param $value i64)
      (i64.store (i32.const 7) (local.get $value))
      (call $reply_bytes (i32.const 0) (i32.const 15)))
    (func (export "canister_update inc")
      (i64.store (i32.const 200) (i64.add (i64.load (i32.const 200)) (i64.const 1)))
      (call $debug_print (i32.const 100) (i32.const 7))
      (call $reply (i64.load (i32.const 200))))
    (func (export "canister_query get") (call $reply (i64.load (i32.const 200))))
    (func (export "canister_query version") (call $reply (i64.const ${version})))
    (func (export "canister_pre_upgrade")
      (if (i64.eqz (call $stable64_size)) (then (drop (call $stable64_grow (i64.const 1)))))
      (call $stable64_write (i64.const 0) (i64.const 200) (i64.const 8)))
    (func (export "canister_post_upgrade")
      (call $stable64_read (i64.const 200) (i64.const 0) (i64.const 8)))`);
  return withSection(wasm, 'icp:public candid:service', CANDID);
}

/** The module with a custom section behind it, as a build tool leaves its Candid there. */
function withSection(wasm: Uint8Array, name: string, content: string): Uint8Array {
  const text = new TextEncoder();
  const body = [name.length, ...text.encode(name), ...text.encode(content)];
  return Uint8Array.of(...wasm, 0, (body.length & 0x7f) | 0x80, body.length >> 7, ...body);
}
