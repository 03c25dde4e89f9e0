/**
 * Entry points: where the system enters a canister, and the mode that each entry runs in. The mode
 * decides which system calls are allowed; the codes are the ones of the specification's table.
 *
 * Source: IC interface specification, "Entry points" and "Overview of imports"; specs/replica.md
 * section 4.1.
 */

/** The modes by the specification's code, with the word that error texts use for them. */
export const MODE_WORDS = {
  s: 'start',
  I: 'init',
  G: 'pre upgrade',
  U: 'update',
  RQ: 'replicated query',
  NRQ: 'non replicated query',
  TQ: 'transform query',
  CQ: 'composite query',
  Ry: 'reply callback',
  Rt: 'reject callback',
  CRy: 'composite reply callback',
  CRt: 'composite reject callback',
  C: 'cleanup',
  CC: 'composite cleanup',
  F: 'inspect message',
  T: 'system task',
} as const;

export type Mode = keyof typeof MODE_WORDS;

/** How error texts call a mode; system tasks go by the name of their entry point. */
export function modeWord(mode: Mode, entryName: string): string {
  return mode === 'T' ? taskWord(entryName) : MODE_WORDS[mode];
}

function taskWord(entryName: string): string {
  return entryName.replace('canister_', '').replaceAll('_', ' ').replace('wasm', 'Wasm');
}

/** The function that the system calls: an export, or an entry of the module's function table. */
export type EntryPoint =
  | { readonly kind: 'export'; readonly name: string }
  | { readonly kind: 'table'; readonly index: number; readonly environment: number };

export function exported(name: string): EntryPoint {
  return { kind: 'export', name };
}

/** The names under which a module exports its entry points. */
export const ExportName = {
  start: 'canister_start',
  init: 'canister_init',
  preUpgrade: 'canister_pre_upgrade',
  postUpgrade: 'canister_post_upgrade',
  inspectMessage: 'canister_inspect_message',
  heartbeat: 'canister_heartbeat',
  globalTimer: 'canister_global_timer',
  onLowWasmMemory: 'canister_on_low_wasm_memory',
  update: (method: string) => `canister_update ${method}`,
  query: (method: string) => `canister_query ${method}`,
  compositeQuery: (method: string) => `canister_composite_query ${method}`,
} as const;
