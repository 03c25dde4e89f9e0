import { expect, test } from '@jest/globals';
import { tmpdir } from 'node:os';
import { runCli } from '../../src/cli/cli.js';

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

test.each([[['--help']], [['-h']]])('%p lists the commands', async (args) => {
  const { code, output, errors } = await run(...args);
  expect(code).toBe(0);
  expect(output).toContain('build    build an Azle canister');
  expect(errors).toBe('');
});

test('no command at all shows the list, and fails', async () => {
  const { code, errors } = await run();
  expect(code).toBe(1);
  expect(errors).toContain('Usage: stable-structures <command>');
});

test('an unknown command is named', async () => {
  const { code, errors } = await run('bild');
  expect(code).toBe(1);
  expect(errors).toContain('Unknown command "bild"');
});

test('a command explains itself', async () => {
  const { code, output } = await run('build', '--help');
  expect(code).toBe(0);
  expect(output).toContain('Usage: stable-structures build <canister> [--verbose]');
});

test.each([
  [['build'], 'which canister?'],
  [['build', 'one', 'two'], 'one canister at a time'],
  [['build', 'one', '--fast'], "Unknown option '--fast'"],
])('%p fails with a message and the help', async (args, message) => {
  const { code, output, errors } = await run(...args);
  expect(code).toBe(1);
  expect(errors).toContain(message);
  expect(errors).toContain('Usage: stable-structures build');
  expect(output).toBe('');
});

test('what the user can put right is told in a line, without a stack', async () => {
  process.env['AZLE_DFX_ROOT'] = tmpdir();
  try {
    const { code, errors } = await run('build', 'data');
    expect(code).toBe(1);
    expect(errors).toMatch(/^Error: there is no dfx\.json in .*AZLE_DFX_ROOT\.$/);
  } finally {
    delete process.env['AZLE_DFX_ROOT'];
  }
});

async function run(...args: string[]): Promise<Outcome> {
  const output: string[] = [];
  const errors: string[] = [];
  const code = await runCli(
    args,
    (line) => output.push(line),
    (line) => errors.push(line),
  );
  return { code, output: output.join('\n'), errors: errors.join('\n') };
}
