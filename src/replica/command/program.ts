/**
 * What programs that run a replica have in common: they print, they end with a code, and a signal
 * ends them in order. What they do is elsewhere, so that it can be tested without a process.
 *
 * Source: own design.
 */
import { FAILED, OK, type RunningReplica, type Surroundings } from './run.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs until a signal comes, or as long as `run` takes where it gives an exit code. */
export async function runProgram(
  run: (surroundings: Surroundings) => Promise<RunningReplica | number>,
): Promise<void> {
  // Whoever started the program may have gone, and the other end of its output with it: what
  // nobody can read is lost, and the replica goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const running = await run({
    print: (text) => void process.stdout.write(text),
    printError: (text) => void process.stderr.write(text),
    abort: () => process.exit(FAILED),
  });
  if (typeof running === 'number') process.exitCode = running;
  else endOnSignal(running);
}

function endOnSignal(running: RunningReplica): void {
  let isEnding = false;
  const end = (): void => {
    // A second signal does not wait for the state to be written: the journal has it all.
    if (isEnding) process.exit(FAILED);
    isEnding = true;
    void running.stop().then(() => process.exit(OK));
  };
  for (const signal of SIGNALS) process.on(signal, end);
}
