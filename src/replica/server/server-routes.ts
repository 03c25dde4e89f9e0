/**
 * The routes of the server as a whole: its status, its instances, its blob store. Whatever begins
 * with `/instances/{id}` goes on to the routes of that instance.
 *
 * Source: specs/replica.md sections 1.2 and 1.3.
 */
import { nodeHost } from '../host/node-host.js';
import { Blobstore } from './blobstore.js';
import { Instance, requestedSubnets } from './instance.js';
import { describeInstance, INSTANCE_ROUTES } from './instance-routes.js';
import { parseFields, RequestError, stringify } from './wire.js';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
  readonly isCompressed: boolean;
}

export interface Answer {
  readonly status: number;
  readonly type: 'application/json' | 'text/plain' | 'application/octet-stream';
  readonly body: string | Uint8Array;
}

const BLOB_SIZE_MAX = 2 ** 31;
const INSTANCE_PATH = /^\/instances\/(\d+)(\/.*)?$/;
const BLOB_PATH = /^\/blobstore\/([0-9a-f]{64})$/;

export class ServerRoutes {
  /** By number; a deleted instance leaves its place empty. */
  readonly #instances: (Instance | undefined)[] = [];
  readonly #blobs = new Blobstore();

  answer(request: Request): Answer {
    const path = request.path.replace(/\/$/, '');
    const instance = INSTANCE_PATH.exec(path);
    if (instance !== null) return this.#instanceAnswer(request, Number(instance[1]), instance[2]);
    const blob = BLOB_PATH.exec(path);
    if (blob !== null && request.method === 'GET') return this.#blobAnswer(blob[1]!);
    switch (`${request.method} ${path}`) {
      case 'GET /status':
        return json('null');
      case 'GET /instances':
        return json(stringify(this.#instances.map((one) => (one ? 'Available' : 'Deleted'))));
      case 'POST /instances':
        return this.#create(request);
      case 'POST /blobstore':
        return { status: 200, type: 'text/plain', body: this.#blobs.put(blobOf(request)) };
    }
    throw new RequestError(`this replica does not serve ${request.method} ${path}`, 404);
  }

  /** Stops the clockwork of all instances. */
  close(): void {
    for (const instance of this.#instances) instance?.stopProgress();
  }

  /** A refused request for an instance is an answer like any other: the client reads `Error`. */
  #create(request: Request): Answer {
    try {
      const subnets = requestedSubnets(parseFields(request.body));
      const instance = new Instance(this.#instances.length, subnets);
      this.#instances.push(instance);
      return json(stringify({ Created: describeInstance(instance) }), 201);
    } catch (thrown) {
      if (!(thrown instanceof RequestError)) throw thrown;
      return json(stringify({ Error: { message: thrown.message } }), 201);
    }
  }

  #instanceAnswer(request: Request, id: number, path: string | undefined): Answer {
    if (id >= this.#instances.length) throw new RequestError('Instance not found');
    const instance = this.#instances[id];
    if (instance === undefined) throw new RequestError('Instance was deleted');
    if (path === undefined && request.method === 'DELETE') {
      instance.stopProgress();
      this.#instances[id] = undefined;
      return json('');
    }
    const route = `${request.method} ${path ?? ''}`;
    const handler = Object.hasOwn(INSTANCE_ROUTES, route) ? INSTANCE_ROUTES[route] : undefined;
    if (handler === undefined) throw new RequestError(`this replica does not serve ${route}`, 404);
    return json(handler(instance, request.body, this.#blobs));
  }

  #blobAnswer(name: string): Answer {
    const body = this.#blobs.get(name);
    if (body === undefined) throw new RequestError('the blob store has no such blob', 404);
    return { status: 200, type: 'application/octet-stream', body };
  }
}

function blobOf({ body, isCompressed }: Request): Uint8Array {
  if (!isCompressed) return body;
  const bytes = nodeHost.gunzip(body, BLOB_SIZE_MAX);
  if (bytes === undefined) throw new RequestError('the body does not decompress');
  return bytes;
}

function json(body: string, status = 200): Answer {
  return { status, type: 'application/json', body };
}
