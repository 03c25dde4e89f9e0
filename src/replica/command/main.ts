#!/usr/bin/env node
/** The program `replica`. What it does is in `run.ts`. */
import { runProgram } from './program.js';
import { runCommand } from './run.js';

await runProgram((surroundings) => runCommand(process.argv.slice(2), surroundings));
