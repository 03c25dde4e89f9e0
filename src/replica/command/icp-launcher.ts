#!/usr/bin/env node
/**
 * The network launcher for `icp`: name this file in `ICP_CLI_NETWORK_LAUNCHER_PATH`, and
 * `icp network start` starts this replica. What it does is in `launcher.ts`.
 */
import { runLauncher } from './launcher.js';
import { runProgram } from './program.js';

await runProgram((surroundings) => runLauncher(process.argv.slice(2), process.env, surroundings));
