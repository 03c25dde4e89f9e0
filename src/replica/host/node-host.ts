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
import { readCustomSections, readSections, writeSections } from '../../wasm/module.js';
import type { CanisterInstance, CompiledModule, Host, InvalidModule } from '../host.js';
import type { Trap } from '../trap.js';
import { expose } from './expose.js';
import { meter } from './metering/meter.js';
import { sha224, signer, verify } from './signatures.js';
import { trapOf } from './v8-trap.js';
import { refuseModule } from './validation/module-rules.js';
import { WasmInstance } from './wasm-instance.js';

export const nodeHost: Host = {
  sha256(...parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  },

  sha224,
  signer,
  verify,

  gunzip(bytes, sizeMax) {
    try {
      return new Uint8Array(gunzipSync(bytes, { maxOutputLength: sizeMax }));
    } catch {
      return undefined; // Damaged and oversized input is the caller's to report, in its own words.
    }
  },

  compile(wasm) {
    try {
      // The engine judges the module as it came, before anything is added to it.
      compile(wasm);
      const sections = readSections(wasm);
      const problem = refuseModule(sections);
      if (problem !== undefined) return { invalid: problem };
      const rewritten = writeSections(meter(expose(sections)));
      return new V8Module(compile(rewritten), readCustomSections(sections));
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
    const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === 'function');
    this.exports = new Set(functions.map(({ name }) => name));
  }

  instantiate(): CanisterInstance | Trap {
    try {
      return new WasmInstance(this.module);
    } catch (thrown) {
      return trapOf(thrown);
    }
  }
}

function compile(wasm: Uint8Array): WebAssembly.Module {
  return new WebAssembly.Module(wasm as BufferSource);
}

/** V8's own verdict, or ours; anything else is a fault of this program and goes on its way. */
function invalidModule(thrown: unknown): InvalidModule {
  const { name, message } = thrown as { name?: string; message?: string };
  if (thrown instanceof WasmFormatError || name === 'CompileError') {
    return { invalid: message ?? 'it does not compile' };
  }
  throw thrown;
}
