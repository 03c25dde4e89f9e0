#!/usr/bin/env node
/** The program `stable-structures`. What it does is in `cli.ts`, so that it can be tested. */
import { runCli } from './cli.js';

process.exitCode = await runCli(process.argv.slice(2), console.log, console.error);
