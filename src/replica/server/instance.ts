/**
 * One PocketIC instance: a replica, and the clockwork that makes it live if a client asks for that.
 *
 * Source: specs/replica.md sections 1.3 and 1.6.
 */
import type { Principal } from '@dfinity/principal';

import { nodeHost } from '../host/node-host.js';
import { Replica } from '../replica.js';
import { AutoProgress } from './auto-progress.js';
import type { AutoProgressConfig, InstanceConfig } from './instance-config.js';
import { RequestError } from './wire.js';

export class Instance {
  #progress: AutoProgress | undefined;

  constructor(
    readonly id: number,
    readonly replica: Replica,
    /** Whether messages to the IC's own interface must be signed and in time. */
    readonly validatesIngress: boolean,
  ) {}

  /** An instance with a replica of its own. */
  static create(
    id: number,
    { subnets, time, autoProgress, systemCanisters, validatesIngress }: InstanceConfig,
  ): Instance {
    const replica = new Replica({
      host: nodeHost,
      seed: new TextEncoder().encode(`instance ${id}`),
      time,
      subnets,
      systemCanisters,
      print: (canisterId, line) => printLine(canisterId, line),
    });
    const instance = new Instance(id, replica, validatesIngress);
    if (autoProgress !== undefined) instance.startProgress(autoProgress);
    return instance;
  }

  get isLive(): boolean {
    return this.#progress !== undefined;
  }

  /** From now on time follows the wall clock, and rounds run without being asked for. */
  startProgress({ delayInMs }: AutoProgressConfig): void {
    if (this.isLive) throw new RequestError('Auto progress mode has already been enabled.');
    this.#progress = new AutoProgress(this.replica, delayInMs);
  }

  stopProgress(): void {
    this.#progress?.stop();
    this.#progress = undefined;
  }
}

/** What canisters print goes to standard error, where PocketIC puts it. */
function printLine(canisterId: Principal, line: Uint8Array): void {
  process.stderr.write(`[Canister ${canisterId.toText()}] ${new TextDecoder().decode(line)}\n`);
}
