/**
 * The command line `stable-structures <command> ...`: finds the command, runs it, and turns what it
 * throws into one clear message and an exit code.
 */
import { LinkError } from '../kernel/link-error.js';
import { build } from './build.js';
import { CommandError, type Command, type Print } from './command.js';

const COMMANDS: readonly Command[] = [build];

const HELP = [
  'Usage: stable-structures <command> [options]',
  '',
  'Commands:',
  ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`),
  '',
  'stable-structures <command> --help tells more.',
].join('\n');

/** Runs the command line and returns the exit code: 0, or 1 where it failed. */
export async function runCli(
  args: readonly string[],
  print: Print,
  printError: Print,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h') {
    print(HELP);
    return 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    printError(name === undefined ? HELP : `Unknown command "${name}".\n\n${HELP}`);
    return 1;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    print(command.help);
    return 0;
  }
  try {
    await command.run(rest, print);
    return 0;
  } catch (error) {
    printError(`Error: ${explain(error)}`);
    return 1;
  }
}

/** What the user can put right needs no stack; anything else is ours, and does. */
function explain(error: unknown): string {
  if (error instanceof CommandError || error instanceof LinkError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
