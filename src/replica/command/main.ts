#!/usr/bin/env node
/** The program `replica`. What it does is in `run.ts`, so that it can be tested. */
import { FAILED, OK, runCommand } from './run.js';

const running = await runCommand(process.argv.slice(2), {
  print: (text) => void process.stdout.write(text),
  printError: (text) => void process.stderr.write(text),
  abort: () => process.exit(FAILED),
});

if (typeof running === 'number') process.exitCode = running;
else {
  let isEnding = false;
  const end = (): void => {
    // A second signal does not wait for the state to be written: the journal has it all.
    if (isEnding) process.exit(FAILED);
    isEnding = true;
    void running.stop().then(() => process.exit(OK));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}
