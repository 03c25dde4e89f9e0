/**
 * The blob store of the server: bytes by the hex text of their SHA-256. Clients put there what is
 * too large for a JSON body, such as a stable memory.
 *
 * A blob may come compressed. Its name is then the hash of what came, as on the real server, and
 * so is what a client gets back; a canister gets the decompressed bytes.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `InMemoryBlobStore`.
 */
import { nodeHost } from '../host/node-host.js';
import { hex } from '../hex.js';
import { answerOf, type HttpAnswer } from './http.js';
import { conversionError } from './pocket-ic-error.js';
import { RequestError } from './wire.js';

const BLOB_SIZE_MAX = 2 ** 31;
const NAME = /^[0-9a-f]{64}$/i;

interface Blob {
  readonly bytes: Uint8Array;
  readonly isCompressed: boolean;
}

export class Blobstore {
  readonly #blobs = new Map<string, Blob>();

  /** The name of the blob from now on. */
  put(bytes: Uint8Array, encoding: string | undefined): string {
    if (encoding !== undefined && encoding !== 'gzip') {
      throw new RequestError("Bad encoding: Only 'gzip' content encoding is supported");
    }
    const name = hex(nodeHost.sha256(bytes));
    this.#blobs.set(name, { bytes, isCompressed: encoding === 'gzip' });
    return name;
  }

  /** The bytes, decompressed; undefined where there is no blob of this name. */
  get(name: string): Uint8Array | undefined {
    const blob = this.#blobs.get(name);
    if (blob === undefined || !blob.isCompressed) return blob?.bytes;
    const bytes = nodeHost.gunzip(blob.bytes, BLOB_SIZE_MAX);
    if (bytes === undefined) throw conversionError('Decompression failed');
    return bytes;
  }

  /** The blob as it came. */
  answer(name: string): HttpAnswer {
    if (!NAME.test(name)) throw new RequestError('expected the name of a blob: 64 hex digits');
    const blob = this.#blobs.get(name.toLowerCase());
    if (blob === undefined) throw new RequestError('the blob store has no such blob', 404);
    const encoding = blob.isCompressed ? ([['content-encoding', 'gzip']] as const) : [];
    return answerOf(200, 'application/octet-stream', blob.bytes, encoding);
  }
}
