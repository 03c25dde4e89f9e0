/**
 * Installing, reinstalling, upgrading and removing code. Each is one step: it makes a new canister
 * value, or it fails and the old one is still whole, heap and stable memory included.
 *
 *     install, reinstall:  new instance, start, init
 *     upgrade:             pre_upgrade in the old instance, new instance, start, post_upgrade
 *
 * Source: specs/replica.md section 4.2, "Install" to "Uninstall".
 */
import type { Principal } from '@dfinity/principal';

import { recorded, type ChangeDetails, type ChangeOrigin } from './canister-history.js';
import { clearedLog } from './canister-log.js';
import { nextVersion, withoutCode, type Canister, type InstalledCode } from './canister.js';
import { feesFor, settled, withdraw } from './charging.js';
import { abandonContexts } from './contexts.js';
import { exported, ExportName, type Mode } from './entry-point.js';
import { applied, execute, undone } from './execution.js';
import { executionCost } from './fees.js';
import type { CanisterInstance, CompiledModule, Host, InvalidModule } from './host.js';
import { messageInput } from './messages.js';
import { ErrorCode, rejection, type Rejection } from './rejection.js';
import { StableMemory } from './stable-memory.js';
import type { ReplicaState } from './state.js';
import { canisterError, trapRejection, type Trap } from './trap.js';

export interface InstallRequest {
  readonly mode: 'install' | 'reinstall' | 'upgrade';
  /** The module as it was uploaded, raw or compressed. */
  readonly wasm: Uint8Array;
  readonly argument: Uint8Array;
  readonly sender: Principal;
  /** As whom the history of the canister remembers the sender. */
  readonly origin: ChangeOrigin;
  readonly skipPreUpgrade: boolean;
  /** What becomes of the heap in an upgrade; undefined where the request does not say. */
  readonly heapPersistence: 'keep' | 'replace' | undefined;
}

/** Marks modules (of Motoko) that expect their heap to survive upgrades. */
const PERSISTENCE_SECTION = 'icp:private enhanced-orthogonal-persistence';

const MISSING_OPTION =
  'Missing upgrade option: Enhanced orthogonal persistence requires the ' +
  '`wasm_memory_persistence` upgrade option.';
const INVALID_OPTION =
  'Invalid upgrade option: The `wasm_memory_persistence: opt Keep` upgrade option requires that ' +
  'the new canister module supports enhanced orthogonal persistence.';

const MODULE_SIZE_MAX = 100 * 2 ** 20;
const GZIP_MAGIC = [0x1f, 0x8b, 0x08];
const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Installs code and puts the new canister into the state; a rejection where nothing changed. */
export function installCode(
  state: ReplicaState,
  canister: Canister,
  request: InstallRequest,
): Rejection | undefined {
  const module = compile(state, canister, request.wasm);
  if ('errorCode' in module) return module;
  const misplaced = refuseMode(canister, request, module);
  if (misplaced !== undefined) return misplaced;
  const fees = feesFor(state, canister);
  const prepaid = executionCost(fees, state.instructionLimitsOf(canister.id).installation);
  const paying = withdraw(state, canister, prepaid, request.sender);
  if ('errorCode' in paying) return paying;
  const install = new Installation(state, paying, request);
  const installed = install.run(module);
  const cost = executionCost(fees, install.instructions);
  if ('errorCode' in installed) {
    canister.code?.instance.rollback();
    state.put(settled(install.failed, prepaid, cost));
    return installed;
  }
  const { moduleHash } = installed.code!;
  const details: ChangeDetails = { kind: 'code deployment', mode: request.mode, moduleHash };
  const deployed = { ...settled(installed, prepaid, cost), installedAt: state.clock.roundTime };
  state.put(withChange(state, deployed, request.origin, details));
  return undefined;
}

/** Takes the code away, and with it all state but cycles, settings, snapshots and history. */
export function uninstallCode(state: ReplicaState, canister: Canister, origin: ChangeOrigin): void {
  const empty = nextVersion(withoutCode(canister));
  state.put(withChange(state, empty, origin, { kind: 'code uninstall' }));
  abandonContexts(state, canister.id);
}

/** The canister with a change in its history; its version is already the one after the change. */
export function withChange(
  { clock }: ReplicaState,
  canister: Canister,
  origin: ChangeOrigin,
  details: ChangeDetails,
): Canister {
  const change = { timestamp: clock.roundTime, version: canister.version, origin, details };
  return { ...canister, history: recorded(canister.history, change) };
}

/** The module behind an upload; a rejection that says what is wrong with it. */
export function compile(
  state: ReplicaState,
  canister: Canister,
  wasm: Uint8Array,
): CompiledModule | Rejection {
  const module = compileUpload(state.host, wasm);
  if (!('invalid' in module)) return module;
  const text = `Canister's Wasm module is not valid: ${module.invalid}`;
  return canisterError(canister.id, ErrorCode.invalidModule, text);
}

/** An upload may be compressed. */
export function compileUpload(host: Host, wasm: Uint8Array): CompiledModule | InvalidModule {
  const compressed = GZIP_MAGIC.every((byte, index) => wasm[index] === byte);
  const raw = compressed ? host.gunzip(wasm, MODULE_SIZE_MAX) : wasm;
  if (raw === undefined) return { invalid: 'it does not decompress, or is too large when it does' };
  if (raw.length <= MODULE_SIZE_MAX) return host.compile(raw);
  return { invalid: `it is larger than ${MODULE_SIZE_MAX} bytes` };
}

function refuseMode(
  { id, code }: Canister,
  { mode, heapPersistence }: InstallRequest,
  module: CompiledModule,
): Rejection | undefined {
  if (mode === 'install' && code !== undefined) {
    const text =
      `Canister ${id.toText()} cannot be installed because the canister is not empty. ` +
      "Try installing with mode='reinstall' instead.";
    return rejection(ErrorCode.notEmpty, text);
  }
  if (mode !== 'upgrade') return undefined;
  if (code === undefined) {
    const text = 'Attempted to execute a message, but the canister contains no Wasm module';
    return canisterError(id, ErrorCode.noWasmModule, text);
  }
  const persistent = (each: CompiledModule): boolean =>
    each.customSections.has(PERSISTENCE_SECTION);
  if (persistent(code.module) && heapPersistence === undefined) {
    return rejection(ErrorCode.contractViolation, MISSING_OPTION);
  }
  if (heapPersistence === 'keep' && !persistent(module)) {
    return rejection(ErrorCode.contractViolation, INVALID_OPTION);
  }
  return undefined;
}

class Installation {
  /** What the canister is if the installation fails: itself, with a note in its log. */
  failed: Canister;
  /** All stages share one limit. */
  #instructionsLeft: bigint;
  readonly #instructionsMax: bigint;

  constructor(
    readonly state: ReplicaState,
    readonly canister: Canister,
    readonly request: InstallRequest,
  ) {
    this.failed = canister;
    this.#instructionsMax = state.instructionLimitsOf(canister.id).installation;
    this.#instructionsLeft = this.#instructionsMax;
  }

  /** How many instructions all stages have used so far. */
  get instructions(): bigint {
    return this.#instructionsMax - this.#instructionsLeft;
  }

  run(module: CompiledModule): Canister | Rejection {
    const upgrade = this.request.mode === 'upgrade';
    const old = upgrade ? this.#preUpgrade() : this.#wiped();
    if ('errorCode' in old) return this.#rejection(old);
    const instance = module.instantiate();
    if ('errorCode' in instance) return this.#rejection(instance);
    if (this.request.heapPersistence === 'keep') {
      instance.replaceHeap(this.canister.code!.instance.heap);
    }
    const code = this.#newCode(module, instance, upgrade ? old.code : undefined);
    const fresh = nextVersion({ ...old, code });
    const started = this.#stage(fresh, 's', ExportName.start);
    if ('errorCode' in started) return this.#rejection(started);
    const entry = upgrade ? ExportName.postUpgrade : ExportName.init;
    const ready = this.#stage(started, 'I', entry, this.request.argument);
    if ('errorCode' in ready) return this.#rejection(ready);
    instance.commit();
    return ready;
  }

  #wiped(): Canister {
    const { canister } = this;
    return { ...canister, log: clearedLog(canister.log), lowMemoryHook: 'condition_not_satisfied' };
  }

  #preUpgrade(): Canister | Trap {
    if (this.request.skipPreUpgrade) return this.canister;
    return this.#stage(this.canister, 'G', ExportName.preUpgrade);
  }

  /** An upgrade keeps stable memory and certified data; the timer never survives. */
  #newCode(
    module: CompiledModule,
    instance: CanisterInstance,
    old: InstalledCode | undefined,
  ): InstalledCode {
    return {
      module,
      wasm: this.request.wasm,
      moduleHash: this.state.host.sha256(this.request.wasm),
      instance,
      stable: old?.stable ?? StableMemory.empty,
      certifiedData: old?.certifiedData ?? NO_BYTES,
      globalTimer: 0n,
    };
  }

  /** The canister after one entry point; unchanged where the module does not have it. */
  #stage(canister: Canister, mode: Mode, name: string, argument = NO_BYTES): Canister | Trap {
    const code = canister.code!;
    if (!code.module.exports.has(name)) return canister;
    const facts = { mode, argument };
    const input = messageInput(this.state, canister.id, this.request.sender, facts);
    const instructionLimit = this.#instructionsLeft;
    const executed = execute(canister, code, exported(name), { ...input, instructionLimit });
    this.#instructionsLeft -= executed.instructions;
    if (executed.trap === undefined) return applied(canister, code, executed.message);
    this.failed = undone(this.canister, executed);
    return executed.trap;
  }

  #rejection(trap: Trap): Rejection {
    return trapRejection(this.canister.id, trap);
  }
}
