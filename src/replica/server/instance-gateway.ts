/**
 * What an HTTP gateway of this server serves: the instance's own pages, and its canisters.
 *
 * Source: specs/replica.md section 1.3, "Gateway on an instance".
 */
import { apiAnswer, isApiPath } from './api-site.js';
import { BODY_SIZE_MAX as API_BODY_SIZE_MAX } from './api/api.js';
import type { GatewayAccess } from './gateway/access.js';
import { Gateway } from './gateway/gateway.js';
import type { HttpAnswer, HttpRequest, Site } from './http.js';
import { preflightAnswer, withCors } from './cors.js';
import { INSTANCE_PAGES } from './instance-pages.js';
import type { Instance } from './instance.js';
import { runToAnswer } from './message-routes.js';
import { ErrorCode, reject } from '../rejection.js';

export class InstanceGateway implements Site {
  readonly #instance: Instance;
  readonly #gateway: Gateway;

  constructor(instance: Instance, domains: readonly string[] | undefined) {
    this.#instance = instance;
    this.#gateway = new Gateway(accessTo(instance), domains);
  }

  bodySizeMax(path: string): number {
    return isApiPath(path) ? API_BODY_SIZE_MAX : this.#gateway.bodySizeMax();
  }

  answer(request: HttpRequest): HttpAnswer {
    const { path } = request;
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const page = INSTANCE_PAGES[`${method} ${path}`];
    if (page !== undefined) return withCors(page(this.#instance));
    if (!isApiPath(path)) return this.#gateway.answer(request);
    if (method === 'OPTIONS') return preflightAnswer();
    return withCors(apiAnswer(this.#instance, { ...request, method }, path));
  }

  refusal(thrown: unknown): HttpAnswer {
    return this.#gateway.refusal(thrown);
  }
}

/** A gateway does not wait for rounds to come by themselves: it runs those that an update needs. */
function accessTo({ replica }: Instance): GatewayAccess {
  return {
    query: (call) => replica.query(call),
    update: (call) => {
      const submitted = replica.submit(call);
      if (submitted.kind === 'refused') return { kind: 'reject', rejection: submitted.rejection };
      if (submitted.kind === 'malformed') return reject(ErrorCode.rejected, submitted.reason);
      const response = runToAnswer(replica, submitted.messageId);
      return response ?? reject(ErrorCode.didNotReply, 'The canister did not answer in time');
    },
  };
}
