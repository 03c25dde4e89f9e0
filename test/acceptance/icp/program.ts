/** Programs of the replica as they are built, started as a user starts them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Program {
  /** Where it says that it listens. */
  readonly url: string;
  stop(): Promise<void>;
}

export function builtProgram(name: string): string {
  const path = join(process.cwd(), 'dist', 'replica', 'command', name);
  if (existsSync(path)) return path;
  throw new Error(`${path} does not exist. Run: npm run build`);
}

/** Starts a program that prints its address, and waits until it does. */
export async function startProgram(name: string, args: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, [builtProgram(name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { url: await addressOf(child), stop: () => stop(child) };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout!.on('data', (piece: Buffer) => {
      said += piece.toString();
      const url = /http:\/\/\S+/.exec(said)?.[0];
      if (url !== undefined) resolve(url);
    });
    child.on('exit', (code) => reject(new Error(`the program ended (${code}): ${said}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
