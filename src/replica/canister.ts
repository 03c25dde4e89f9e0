/**
 * A canister as a value. A message, an installation or a change of settings makes a new value;
 * where it fails, the old one is still there, and that is the whole of roll-back. The heap alone
 * lives elsewhere, see `host.ts`.
 *
 * Source: IC interface specification, "Abstract behavior", canister state.
 */
import type { Principal } from '@dfinity/principal';

import { EMPTY_HISTORY, type CanisterHistory } from './canister-history.js';
import { clearedLog, emptyLog, LOG_SIZE_DEFAULT, type CanisterLog } from './canister-log.js';
import type { CyclesConsumed } from './cycles-consumed.js';
import type { CanisterInstance, CompiledModule } from './host.js';
import { samePrincipal } from './principals.js';
import type { Snapshot } from './snapshot.js';
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
  /** What another canister has to send with each call. */
  readonly minimumIncomingCallCycles: bigint;
  readonly wasmMemoryLimit: bigint;
  readonly wasmMemoryThreshold: bigint;
  readonly logVisibility: Visibility;
  /** In bytes; 0 where nothing is to be logged. */
  readonly logMemoryLimit: bigint;
  readonly snapshotVisibility: Visibility;
  readonly statusVisibility: Visibility;
  readonly environmentVariables: ReadonlyMap<string, string>;
}

export type CanisterStatus = 'running' | 'stopping' | 'stopped';

export interface InstalledCode {
  readonly module: CompiledModule;
  /** The module as it was uploaded, raw or compressed. */
  readonly wasm: Uint8Array;
  /** SHA-256 of the module as it was uploaded. */
  readonly moduleHash: Uint8Array;
  readonly instance: CanisterInstance;
  readonly stable: StableMemory;
  readonly certifiedData: Uint8Array;
  /** In nanoseconds since 1970; 0 where the timer is off. */
  readonly globalTimer: bigint;
}

/** Whether the hook `canister_on_low_wasm_memory` waits for its condition, is due, or has run. */
export type LowMemoryHook = 'condition_not_satisfied' | 'ready' | 'executed';

/** What the queries of a canister came to, whoever asked. */
export interface QueryStats {
  readonly calls: bigint;
  readonly instructions: bigint;
  readonly requestBytes: bigint;
  readonly responseBytes: bigint;
}

export interface Canister {
  readonly id: Principal;
  /** In nanoseconds since 1970. */
  readonly createdAt: bigint;
  /** When code was installed or a snapshot loaded last; undefined while the canister is empty. */
  readonly installedAt: bigint | undefined;
  readonly settings: CanisterSettings;
  readonly status: CanisterStatus;
  readonly version: bigint;
  readonly cycles: bigint;
  /** Until when its existence is paid for, in nanoseconds since 1970. */
  readonly paidUntil: bigint;
  readonly code: InstalledCode | undefined;
  /** The chunk store: chunks by the hex text of their hash. */
  readonly chunks: ReadonlyMap<string, Uint8Array>;
  readonly log: CanisterLog;
  readonly history: CanisterHistory;
  /** By the hex text of their ids, in the order of their age. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  /** Counts all snapshots there ever were, so that no id comes twice. */
  readonly nextSnapshot: bigint;
  readonly lowMemoryHook: LowMemoryHook;
  readonly queryStats: QueryStats;
  readonly consumed: CyclesConsumed;
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
    minimumIncomingCallCycles: 0n,
    wasmMemoryLimit: 3n * GIB,
    wasmMemoryThreshold: 0n,
    logVisibility: { controllers: null },
    logMemoryLimit: LOG_SIZE_DEFAULT,
    snapshotVisibility: { controllers: null },
    statusVisibility: { controllers: null },
    environmentVariables: new Map(),
  };
}

export function emptyCanister(
  id: Principal,
  settings: CanisterSettings,
  cycles: bigint,
  createdAt: bigint,
): Canister {
  return {
    id,
    createdAt,
    installedAt: undefined,
    settings,
    status: 'running',
    version: 0n,
    cycles,
    paidUntil: createdAt,
    code: undefined,
    chunks: new Map(),
    log: emptyLog(settings.logMemoryLimit),
    history: EMPTY_HISTORY,
    snapshots: new Map(),
    nextSnapshot: 0n,
    lowMemoryHook: 'condition_not_satisfied',
    queryStats: { calls: 0n, instructions: 0n, requestBytes: 0n, responseBytes: 0n },
    consumed: {},
  };
}

export function isController(canister: Canister, principal: Principal): boolean {
  return canister.settings.controllers.some((controller) => samePrincipal(controller, principal));
}

/** The canister with its code taken away, and with it all that belongs to the code. */
export function withoutCode(canister: Canister): Canister {
  return {
    ...canister,
    code: undefined,
    installedAt: undefined,
    chunks: new Map(),
    log: clearedLog(canister.log),
    lowMemoryHook: 'condition_not_satisfied',
  };
}

/** The canister with one more change counted, as `canister_version` reports it. */
export function nextVersion(canister: Canister): Canister {
  return { ...canister, version: canister.version + 1n };
}

/** Whether a principal may look; the controllers always may. */
export function maySee(canister: Canister, visibility: Visibility, principal: Principal): boolean {
  if ('public' in visibility || isController(canister, principal)) return true;
  if ('controllers' in visibility) return false;
  return visibility.allowed_viewers.some((viewer) => samePrincipal(viewer, principal));
}
