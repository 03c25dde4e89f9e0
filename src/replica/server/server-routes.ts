/**
 * The routes of the server as a whole: its status, its instances, its blob store, its gateways.
 * Whatever begins with `/instances/{id}` goes on to the routes of that instance.
 *
 * Every operation is answered when it is done, with status 200. The real server gives up waiting
 * after `processing-timeout-ms` and answers 202 with the name of the operation, which the client
 * then looks up at `/read_graph`; and 409 while another operation is under way. Here one thread
 * does one operation at a time, and there is nobody to answer earlier: the header is ignored,
 * requests wait in line instead of being sent back, and the graph of operations is always empty.
 * Clients are built for both, since the real server answers quick operations in the same way.
 *
 * Source: specs/replica.md sections 1.2 and 1.3.
 */
import { apiAnswer, isApiPath } from './api-site.js';
import { BODY_SIZE_MAX as API_BODY_SIZE_MAX } from './api/api.js';
import { Blobstore } from './blobstore.js';
import { preflightAnswer, withCors } from './cors.js';
import { readForwardTo, readGatewayConfig } from './gateway-config.js';
import { HttpGateways } from './http-gateways.js';
import type { ListenOptions } from './http-server.js';
import {
  headerOf,
  jsonAnswer,
  textAnswer,
  type HttpAnswer,
  type HttpRequest,
  type Site,
} from './http.js';
import { readInstanceConfig, type InstanceConfig } from './instance-config.js';
import { INSTANCE_ROUTES } from './instance-routes.js';
import { Instance } from './instance.js';
import { verifySignature } from './signature-route.js';
import { describeTopology } from './topology-route.js';
import { parseExactFields, parseFields, RequestError, stringify } from './wire.js';

const JSON_SIZE_MAX = 2 ** 27;
const BLOB_SIZE_MAX = 2 ** 31;

const CREATED = 201;

const INSTANCE_PATH = /^\/instances\/(\d+)(\/.*)?$/;
const BLOB_PATH = /^\/blobstore\/([^/]*)$/;
const GATEWAY_STOP_PATH = /^\/http_gateway\/(\d+)\/stop$/;
const GRAPH_PATH = /^\/(read_graph|prune_graph)\/([^/]+)\/([^/]+)$/;

export class ServerRoutes implements Site {
  /** By number; a deleted instance leaves its place empty. */
  readonly #instances: (Instance | undefined)[] = [];
  readonly #blobs = new Blobstore();
  readonly #gateways: HttpGateways;

  /** `onRequest` hears of what comes to gateways; of the rest its own server tells it. */
  constructor(onRequest?: ListenOptions['onRequest']) {
    this.#gateways = new HttpGateways(onRequest);
  }

  bodySizeMax(path: string): number {
    if (isApiPath(INSTANCE_PATH.exec(path)?.[2] ?? '')) return API_BODY_SIZE_MAX;
    return path.startsWith('/blobstore') ? BLOB_SIZE_MAX : JSON_SIZE_MAX;
  }

  async answer(request: HttpRequest): Promise<HttpAnswer> {
    if (request.method === 'OPTIONS') return preflightAnswer();
    // Node leaves the body of an answer to HEAD out by itself.
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const path = request.path.replace(/\/$/, '');
    return withCors(await this.#route({ ...request, method, path }));
  }

  /** A fault of the request is the client's to know; a fault of ours is too, but as status 500. */
  refusal(thrown: unknown): HttpAnswer {
    const status = thrown instanceof RequestError ? thrown.status : 500;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return withCors(jsonAnswer(stringify({ message }), status));
  }

  /** Stops the clockwork of all instances, and all gateways. */
  async close(): Promise<void> {
    for (const instance of this.#instances) instance?.stopProgress();
    await this.#gateways.stopAll();
  }

  #route(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    const { method, path } = request;
    const instance = INSTANCE_PATH.exec(path);
    if (instance !== null) return this.#instanceAnswer(request, Number(instance[1]), instance[2]);
    const blob = BLOB_PATH.exec(path);
    if (blob !== null && method === 'GET') return this.#blobs.answer(blob[1]!);
    const graph = GRAPH_PATH.exec(path);
    if (graph !== null) throw unknownOperation(graph[2]!, graph[3]!);
    const stopped = GATEWAY_STOP_PATH.exec(path);
    if (stopped !== null && method === 'POST') return this.#stopGateway(Number(stopped[1]));
    switch (`${method} ${path}`) {
      case 'GET /status':
        return jsonAnswer('null');
      case 'GET /instances':
        return jsonAnswer(stringify(this.#instances.map((one) => (one ? 'Available' : 'Deleted'))));
      case 'POST /instances':
        return created(() => this.#createInstance(request));
      case 'GET /http_gateway':
        return jsonAnswer(stringify(this.#gateways.list()));
      case 'POST /http_gateway':
        return created(() => this.#createGateway(request));
      case 'POST /verify_signature':
        return verifySignature(parseFields(request.body));
      case 'POST /blobstore':
        return textAnswer(this.#blobs.put(request.body, headerOf(request, 'content-encoding')));
    }
    throw new RequestError(`this replica does not serve ${method} ${path}`, 404);
  }

  async #createInstance(request: HttpRequest): Promise<unknown> {
    const config = readInstanceConfig(parseExactFields(request.body));
    const instance = Instance.create(this.#instances.length, config);
    this.#instances.push(instance);
    const http_gateway_info = await this.#startOwnGateway(instance, config);
    const topology = describeTopology(instance.replica);
    return { instance_id: instance.id, topology, http_gateway_info };
  }

  /** An instance does without a gateway that was not asked for, not without one that was. */
  async #startOwnGateway(instance: Instance, { gateway }: InstanceConfig): Promise<unknown> {
    if (gateway === undefined) return null;
    try {
      return await this.#gateways.start(instance, gateway);
    } catch (thrown) {
      await this.#deleteInstance(instance.id);
      throw thrown;
    }
  }

  #createGateway(request: HttpRequest): Promise<unknown> {
    const fields = parseExactFields(request.body);
    const { instanceId, named } = readForwardTo(fields, headerOf(request, 'host'));
    return this.#gateways.start(this.#instance(instanceId), readGatewayConfig(fields), named);
  }

  async #stopGateway(id: number): Promise<HttpAnswer> {
    await this.#gateways.stop(id);
    return jsonAnswer('null');
  }

  #instanceAnswer(
    request: HttpRequest,
    id: number,
    path: string | undefined,
  ): HttpAnswer | Promise<HttpAnswer> {
    if (path === undefined && request.method === 'DELETE') return this.#deleteInstance(id);
    const route = `${request.method} ${path ?? ''}`;
    const instance = this.#instance(id);
    if (isApiPath(path ?? '')) return apiAnswer(instance, request, path!);
    const handler = Object.hasOwn(INSTANCE_ROUTES, route) ? INSTANCE_ROUTES[route] : undefined;
    if (handler === undefined) throw new RequestError(`this replica does not serve ${route}`, 404);
    return handler(instance, request.body, this.#blobs);
  }

  async #deleteInstance(id: number): Promise<HttpAnswer> {
    if (id >= this.#instances.length) throw new RequestError('Instance not found', 404);
    this.#instances[id]?.stopProgress();
    this.#instances[id] = undefined;
    await this.#gateways.stopOf(id);
    return jsonAnswer('');
  }

  #instance(id: number): Instance {
    const instance = this.#instances[id];
    if (instance !== undefined) return instance;
    const isDeleted = id < this.#instances.length;
    throw new RequestError(isDeleted ? 'Instance was deleted' : 'Instance not found');
  }
}

/** A refused request for an instance or a gateway is an answer like any other: see `Error`. */
async function created(create: () => Promise<unknown>): Promise<HttpAnswer> {
  try {
    return jsonAnswer(stringify({ Created: await create() }), CREATED);
  } catch (thrown) {
    if (!(thrown instanceof RequestError)) throw thrown;
    return jsonAnswer(stringify({ Error: { message: thrown.message } }), thrown.status);
  }
}

function unknownOperation(label: string, operation: string): RequestError {
  return new RequestError(`state_label / op_id not found: ${label} / ${operation}`, 404);
}
