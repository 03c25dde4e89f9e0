/**
 * Launches a managed network of `icp`: the replica that the command `replica` runs, with the
 * subnets and the address that `icp` asks for. The status directory says that it is there from the
 * moment when it can be reached until it has ended.
 *
 * The launcher lives longer than the process that started it: `icp network start --background` ends
 * as soon as the network is there. A signal ends it, and so does the terminal when it is closed.
 *
 * Source: `icp-cli-network-launcher`, SPEC.md; specs/replica.md section 3.4.
 */
import { canisterIdOf } from '../topology.js';
import { readLauncherOptions, type LauncherOptions } from './launcher-options.js';
import { MISUNDERSTOOD, start, type RunningReplica, type Surroundings } from './run.js';
import { StatusDirectory } from './status-directory.js';

/** The running network, or the exit code of a launcher that cannot run it. */
export async function runLauncher(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  surroundings: Surroundings,
): Promise<RunningReplica | number> {
  const options = readLauncherOptions(args, environment);
  if ('refusal' in options) {
    surroundings.printError(`${options.refusal}\n`);
    return MISUNDERSTOOD;
  }
  for (const warning of options.warnings) surroundings.printError(`Warning: ${warning}\n`);
  const running = await start(optionsOfReplica(options), surroundings);
  if (typeof running === 'number' || options.statusDirectory === undefined) return running;
  return withStatus(running, new StatusDirectory(options.statusDirectory));
}

function optionsOfReplica(options: LauncherOptions): Parameters<typeof start>[0] {
  const { address, port, stateDirectory, subnets, domains, delayInMs, verbose } = options;
  return { host: address, port, state: stateDirectory, subnets, domains, delayInMs, verbose };
}

function withStatus(running: RunningReplica, directory: StatusDirectory): RunningReplica {
  const { port, replica, stop } = running;
  const defaultCanisterId = canisterIdOf(replica.defaultSubnet.firstIndex);
  directory.write({ port, rootKey: replica.rootKey, defaultCanisterId });
  return {
    ...running,
    stop: async () => {
      await stop();
      directory.remove();
    },
  };
}
