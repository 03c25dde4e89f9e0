/**
 * What the status page shows, as JSON. Large numbers are texts, since a page would round them.
 *
 * Source: own design.
 */
import type { Canister } from '../canister.js';
import { hex } from '../hex.js';
import { memoryMetrics } from '../memory-usage.js';
import type { Replica } from '../replica.js';
import type { RecentCall, RecentCalls } from './recent-calls.js';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** Beyond this, texts from canisters are cut: a page that nobody can read helps nobody. */
const TEXT_LENGTH_MAX = 200;

export interface StatusSource {
  readonly replica: Replica;
  readonly calls: RecentCalls;
  readonly version: string;
  /** Where the state is kept. */
  readonly directory: string | undefined;
}

export function statusOf({ replica, calls, version, directory }: StatusSource): string {
  const canisters = replica.canisters();
  return JSON.stringify({
    version,
    directory: directory ?? null,
    time: timeOf(replica.clock.roundTime),
    rootKey: hex(replica.rootKey),
    subnets: replica.subnets.map(({ id, kind }) => ({ id: id.toText(), kind })),
    canisters: canisters.map(describeCanister),
    callCount: calls.count,
    calls: calls.list().map(describeCall),
  });
}

function describeCanister(canister: Canister): unknown {
  const { id, status, cycles, code, settings } = canister;
  const memory = memoryMetrics(canister);
  return {
    id: id.toText(),
    status,
    cycles: String(cycles),
    module: code === undefined ? null : hex(code.moduleHash),
    heap: Number(memory['wasm_memory_size']),
    stable: Number(memory['stable_memory_size']),
    wasm: Number(memory['wasm_binary_size']),
    snapshots: Number(memory['snapshots_size']),
    controllers: settings.controllers.map((one) => one.toText()),
  };
}

function describeCall(call: RecentCall): unknown {
  return {
    number: call.number,
    time: timeOf(call.time),
    caller: call.caller.toText(),
    canister: call.canisterId.toText(),
    method: shortened(call.method),
    kind: call.mode,
    result: call.result,
    text: shortened(call.text),
    instructions: String(call.instructions),
    milliseconds: Math.round(call.milliseconds * 100) / 100,
  };
}

function timeOf(nanoseconds: bigint): string {
  return new Date(Number(nanoseconds / NANOSECONDS_PER_MILLISECOND)).toISOString();
}

function shortened(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
}
