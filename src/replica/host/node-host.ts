/**
 * The host on Node: V8 for Wasm, `node:crypto` for hashes, `node:zlib` for compressed modules. It
 * also checks on installation what the specification asks of a canister module and V8 does not
 * know.
 *
 * Source: IC interface specification, "Canister module format"; specs/replica.md section 4.3.
 */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import { WasmFormatError } from '../../wasm/leb128.js';
import { readCustomSections, readSections } from '../../wasm/module.js';
import type { CanisterInstance, CompiledModule, Host, InvalidModule } from '../host.js';
import { IC0 } from '../ic0.js';
import type { Trap } from '../trap.js';
import { expose } from './expose.js';
import { trapOf } from './v8-trap.js';
import { WasmInstance } from './wasm-instance.js';

export const nodeHost: Host = {
  sha256(...parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  },

  gunzip(bytes, sizeMax) {
    try {
      return new Uint8Array(gunzipSync(bytes, { maxOutputLength: sizeMax }));
    } catch {
      return undefined; // Damaged and oversized input is the caller's to report, in its own words.
    }
  },

  compile(wasm) {
    try {
      const module = new WebAssembly.Module(expose(wasm) as BufferSource);
      const problem = refuseImports(module) ?? refuseExports(module);
      if (problem !== undefined) return { invalid: problem };
      return new V8Module(module, readCustomSections(readSections(wasm)));
    } catch (thrown) {
      return invalidModule(thrown);
    }
  },
};

class V8Module implements CompiledModule {
  readonly exports: ReadonlySet<string>;

  constructor(
    readonly module: WebAssembly.Module,
    readonly customSections: ReadonlyMap<string, Uint8Array>,
  ) {
    this.exports = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  }

  instantiate(): CanisterInstance | Trap {
    try {
      return new WasmInstance(this.module);
    } catch (thrown) {
      return trapOf(thrown);
    }
  }
}

function refuseImports(module: WebAssembly.Module): string | undefined {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (from !== 'ic0' || kind !== 'function' || !Object.hasOwn(IC0, name)) {
      return `it imports the ${kind} '${name}' from '${from}', which the system does not offer`;
    }
  }
  return undefined;
}

const METHOD_EXPORT = /^canister_(update|query|composite_query) (.*)$/s;

const LIFECYCLE_EXPORTS = new Set([
  'canister_start',
  'canister_init',
  'canister_pre_upgrade',
  'canister_post_upgrade',
  'canister_inspect_message',
  'canister_heartbeat',
  'canister_global_timer',
  'canister_on_low_wasm_memory',
]);

function refuseExports(module: WebAssembly.Module): string | undefined {
  const methods = new Set<string>();
  for (const { name } of WebAssembly.Module.exports(module)) {
    if (!name.startsWith('canister_') || LIFECYCLE_EXPORTS.has(name)) continue;
    const method = METHOD_EXPORT.exec(name)?.[2];
    if (method === undefined) return `it exports '${name}', a name kept for the system`;
    if (methods.has(method)) return `it exports the method '${method}' twice`;
    methods.add(method);
  }
  return undefined;
}

/** V8's own verdict, or ours; anything else is a fault of this program and goes on its way. */
function invalidModule(thrown: unknown): InvalidModule {
  const { name, message } = thrown as { name?: string; message?: string };
  if (thrown instanceof WasmFormatError || name === 'CompileError') {
    return { invalid: message ?? 'it does not compile' };
  }
  throw thrown;
}
