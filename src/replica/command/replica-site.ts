/**
 * Everything that the command `replica` serves on its port:
 *
 *     /api/…                     the interface of the Internet Computer: agents, dfx, icp
 *     /_/topology                the subnets: dfx, clients of PocketIC
 *     /_/dashboard               the status page; also at / where no canister is named
 *     /_/dashboard/status.json   what it shows
 *     /instances, /blobstore     PocketIC's view of the same replica, as instance 0
 *     anything else              the HTTP gateway: http://<canister id>.localhost:<port>/
 *
 * Source: specs/replica.md sections 1.3 and 2.1.
 */
import { BODY_SIZE_MAX as API_BODY_SIZE_MAX } from '../server/api/api.js';
import { apiAnswer, isApiPath } from '../server/api-site.js';
import { preflightAnswer, withCors } from '../server/cors.js';
import { canisterOfRequest, DEFAULT_DOMAINS } from '../server/gateway/canister-of-request.js';
import type { HttpAnswer, HttpRequest, Site } from '../server/http.js';
import { InstanceGateway } from '../server/instance-gateway.js';
import type { Instance } from '../server/instance.js';
import { InstanceView } from './instance-view.js';
import { statusJson, statusPage } from './status-page.js';
import type { StatusSource } from './status.js';

const VIEW_PATH = /^\/(instances|blobstore|status)(\/|$)/;

export class ReplicaSite implements Site {
  readonly #instance: Instance;
  readonly #status: StatusSource;
  readonly #view: InstanceView;
  readonly #gateway: InstanceGateway;

  constructor(
    instance: Instance,
    status: StatusSource,
    readonly domains: readonly string[] = DEFAULT_DOMAINS,
  ) {
    this.#instance = instance;
    this.#status = status;
    this.#view = new InstanceView(instance);
    this.#gateway = new InstanceGateway(instance, domains);
  }

  bodySizeMax(path: string): number {
    if (isApiPath(path)) return API_BODY_SIZE_MAX;
    return VIEW_PATH.test(path) ? this.#view.bodySizeMax(path) : this.#gateway.bodySizeMax(path);
  }

  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    const { path } = request;
    if (isApiPath(path)) return this.#apiAnswer(request);
    if (path === '/_/dashboard') return statusPage();
    if (path === '/_/dashboard/status.json') return statusJson(this.#status);
    // At a canister's own address all other paths are the canister's.
    const isForCanister = canisterOfRequest(request, this.domains) !== undefined;
    if (isForCanister) return this.#gateway.answer(request);
    if (path === '/') return statusPage();
    return VIEW_PATH.test(path) ? this.#view.answer(request) : this.#gateway.answer(request);
  }

  refusal(thrown: unknown): HttpAnswer {
    return this.#gateway.refusal(thrown);
  }

  #apiAnswer(request: HttpRequest): HttpAnswer {
    if (request.method === 'OPTIONS') return preflightAnswer();
    return withCors(apiAnswer(this.#instance, request, request.path));
  }
}
