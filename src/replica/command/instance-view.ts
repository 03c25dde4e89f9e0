/**
 * PocketIC's view of the replica: a server with one instance, number 0, so that tests written for
 * PocketIC can look at the very replica that agents and dfx talk to. A client that asks for a new
 * instance is given this one, if it asks for nothing that this one is not; deleting it only says
 * goodbye.
 *
 * Source: specs/replica.md section 1.3.
 */
import { BODY_SIZE_MAX as API_BODY_SIZE_MAX } from '../server/api/api.js';
import { apiAnswer, isApiPath } from '../server/api-site.js';
import { Blobstore } from '../server/blobstore.js';
import { preflightAnswer, withCors } from '../server/cors.js';
import {
  headerOf,
  jsonAnswer,
  textAnswer,
  type HttpAnswer,
  type HttpRequest,
} from '../server/http.js';
import { readInstanceConfig } from '../server/instance-config.js';
import { INSTANCE_ROUTES } from '../server/instance-routes.js';
import type { Instance } from '../server/instance.js';
import { describeTopology } from '../server/topology-route.js';
import { parseExactFields, RequestError, stringify } from '../server/wire.js';

const INSTANCE_PATH = /^\/instances\/0(\/.+)?$/;
const BLOB_PATH = /^\/blobstore\/([^/]+)$/;
const BODY_SIZE_MAX = 2 ** 27;
const BLOB_SIZE_MAX = 2 ** 31;

const CREATED = 201;

export class InstanceView {
  readonly #instance: Instance;
  readonly #blobs = new Blobstore();

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  bodySizeMax(path: string): number {
    if (isApiPath(INSTANCE_PATH.exec(path)?.[1] ?? '')) return API_BODY_SIZE_MAX;
    return path.startsWith('/blobstore') ? BLOB_SIZE_MAX : BODY_SIZE_MAX;
  }

  async answer(request: HttpRequest): Promise<HttpAnswer> {
    if (request.method === 'OPTIONS') return preflightAnswer();
    try {
      return withCors(await this.#route({ ...request, path: request.path.replace(/\/$/, '') }));
    } catch (thrown) {
      if (!(thrown instanceof RequestError)) throw thrown;
      return withCors(jsonAnswer(stringify({ message: thrown.message }), thrown.status));
    }
  }

  #route(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    const { method, path, body } = request;
    const blob = BLOB_PATH.exec(path);
    if (blob !== null && method === 'GET') return this.#blobs.answer(blob[1]!);
    switch (`${method} ${path}`) {
      case 'GET /status':
        return jsonAnswer('null');
      case 'GET /instances':
        return jsonAnswer(stringify(['Available']));
      case 'POST /instances':
        return this.#join(request);
      case 'DELETE /instances/0':
        return jsonAnswer('');
      case 'POST /blobstore':
        return textAnswer(this.#blobs.put(body, headerOf(request, 'content-encoding')));
    }
    const below = INSTANCE_PATH.exec(path)?.[1] ?? '';
    if (isApiPath(below)) return apiAnswer(this.#instance, request, below);
    const route = `${method} ${below}`;
    const handler = Object.hasOwn(INSTANCE_ROUTES, route) ? INSTANCE_ROUTES[route] : undefined;
    if (handler !== undefined) return handler(this.#instance, body, this.#blobs);
    throw new RequestError(`this replica does not serve ${method} ${path}`, 404);
  }

  #join({ body }: HttpRequest): HttpAnswer {
    const { subnets, gateway } = readInstanceConfig(parseExactFields(body));
    const { replica } = this.#instance;
    const kinds = replica.subnets.map(({ kind }) => kind).join(', ');
    const asked = subnets.map(({ kind }) => kind).join(', ');
    if (asked !== kinds || gateway !== undefined) {
      const message = `this server has one instance, with the subnets ${kinds}; asked for ${asked}`;
      return jsonAnswer(stringify({ Error: { message } }), 400);
    }
    const topology = describeTopology(replica);
    const created = { instance_id: 0, topology, http_gateway_info: null };
    return jsonAnswer(stringify({ Created: created }), CREATED);
  }
}
