/**
 * A canister as a value. A message, an installation or a change of settings makes a new value;
 * where it fails, the old one is still there, and that is the whole of roll-back. The heap alone
 * lives elsewhere, see `host.ts`.
 *
 * Source: IC interface specification, "Abstract behavior", canister state.
 */
import type { Principal } from '@dfinity/principal';

import { EMPTY_LOG, type CanisterLog } from './canister-log.js';
import type { CanisterInstance, CompiledModule } from './host.js';
import { samePrincipal } from './principals.js';
import type { StableMemory } from './stable-memory.js';

export type Visibility =
  | { readonly controllers: null }
  | { readonly public: null }
  | { readonly allowed_viewers: readonly Principal[] };

export interface CanisterSettings {
  readonly controllers: readonly Principal[];
  readonly computeAllocation: bigint;
  readonly memoryAllocation: bigint;
  readonly freezingThreshold: bigint;
  readonly reservedCyclesLimit: bigint;
  readonly wasmMemoryLimit: bigint;
  readonly wasmMemoryThreshold: bigint;
  readonly logVisibility: Visibility;
  readonly snapshotVisibility: Visibility;
  readonly environmentVariables: ReadonlyMap<string, string>;
}

export type CanisterStatus = 'running' | 'stopping' | 'stopped';

export interface InstalledCode {
  readonly module: CompiledModule;
  /** SHA-256 of the module as it was uploaded. */
  readonly moduleHash: Uint8Array;
  readonly moduleSize: number;
  readonly instance: CanisterInstance;
  readonly stable: StableMemory;
  readonly certifiedData: Uint8Array;
  /** In nanoseconds since 1970; 0 where the timer is off. */
  readonly globalTimer: bigint;
}

export interface Canister {
  readonly id: Principal;
  readonly settings: CanisterSettings;
  readonly status: CanisterStatus;
  readonly version: bigint;
  readonly cycles: bigint;
  readonly code: InstalledCode | undefined;
  /** The chunk store: chunks by the hex text of their hash. */
  readonly chunks: ReadonlyMap<string, Uint8Array>;
  readonly log: CanisterLog;
}

const DAYS_30_IN_SECONDS = 2_592_000n;
const RESERVED_CYCLES_LIMIT = 5_000_000_000_000n;
const GIB = 2n ** 30n;

export function defaultSettings(controllers: readonly Principal[]): CanisterSettings {
  return {
    controllers,
    computeAllocation: 0n,
    memoryAllocation: 0n,
    freezingThreshold: DAYS_30_IN_SECONDS,
    reservedCyclesLimit: RESERVED_CYCLES_LIMIT,
    wasmMemoryLimit: 3n * GIB,
    wasmMemoryThreshold: 0n,
    logVisibility: { controllers: null },
    snapshotVisibility: { controllers: null },
    environmentVariables: new Map(),
  };
}

export function emptyCanister(id: Principal, settings: CanisterSettings, cycles: bigint): Canister {
  return {
    id,
    settings,
    status: 'running',
    version: 0n,
    cycles,
    code: undefined,
    chunks: new Map(),
    log: EMPTY_LOG,
  };
}

export function isController(canister: Canister, principal: Principal): boolean {
  return canister.settings.controllers.some((controller) => samePrincipal(controller, principal));
}

/** The canister with one more change counted, as `canister_version` reports it. */
export function nextVersion(canister: Canister): Canister {
  return { ...canister, version: canister.version + 1n };
}
