/**
 * The blob store of the server: bytes by the hex text of their SHA-256. Clients put there what is
 * too large for a JSON body, such as a stable memory.
 *
 * Source: specs/replica.md section 1.3.
 */
import { nodeHost } from '../host/node-host.js';
import { hex } from '../hex.js';

export class Blobstore {
  readonly #blobs = new Map<string, Uint8Array>();

  /** The name of the blob from now on. */
  put(bytes: Uint8Array): string {
    const name = hex(nodeHost.sha256(bytes));
    this.#blobs.set(name, bytes);
    return name;
  }

  get(name: string): Uint8Array | undefined {
    return this.#blobs.get(name);
  }
}
