/**
 * The HTTPS interface of the Internet Computer, which agents speak. One request in, one answer out:
 * nothing here knows of an HTTP server, so whoever has one can mount it, at its root or below the
 * path of an instance.
 *
 *     GET  /api/v2/status
 *     POST /api/v2|v3|v4/canister/<effective canister id>/call         /api/v4/subnet/<id>/call
 *     POST /api/v2|v3/canister/<effective canister id>/query           /api/v3/subnet/<id>/query
 *     POST /api/v2|v3/canister/<effective canister id>/read_state      /api/v2|v3/subnet/<id>/…
 *
 * Source: IC interface specification, "HTTPS interface"; specs/replica.md section 2.
 */
import { Principal } from '@dfinity/principal';

import { RequestRefused } from '../../authentication/refusal.js';
import { samePrincipal } from '../../principals.js';
import type { Replica } from '../../replica.js';
import { isCanisterId, type Subnet } from '../../topology.js';
import { PACKAGE_VERSION } from '../package-version.js';
import { cborAnswer, textAnswer, type ApiAnswer } from './answer.js';
import { answerCall } from './call.js';
import { answerQuery } from './query.js';
import { answerReadState } from './read-state.js';
import type { Place, Version } from './place.js';

export interface ApiRequest {
  readonly method: string;
  /** From `/api` on, without the query part. */
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
  /** Whether requests must be signed and in time; they must, unless told otherwise. */
  readonly validates?: boolean;
}

type Handler = (replica: Replica, place: Place, body: Uint8Array) => ApiAnswer;

export const BODY_SIZE_MAX = 4 * 2 ** 20;

const API_PATH = /^\/api\/(v[234])\/(canister|subnet)\/([^/]+)\/(call|query|read_state)$/;

const HANDLERS: Readonly<Record<string, Handler>> = {
  call: answerCall,
  query: answerQuery,
  read_state: answerReadState,
};

/** The versions in which each endpoint exists. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  'canister call': ['v2', 'v3', 'v4'],
  'canister query': ['v2', 'v3'],
  'canister read_state': ['v2', 'v3'],
  'subnet call': ['v4'],
  'subnet query': ['v3'],
  'subnet read_state': ['v2', 'v3'],
};

/** Answers whatever comes: a fault of the request is an answer, too. */
export function answerApi(replica: Replica, request: ApiRequest): ApiAnswer {
  try {
    return answer(replica, request);
  } catch (thrown) {
    if (!(thrown instanceof RequestRefused)) throw thrown;
    return textAnswer(thrown.status, thrown.message);
  }
}

function answer(replica: Replica, request: ApiRequest): ApiAnswer {
  if (request.path === '/api/v2/status') {
    assertMethod(request, 'GET');
    return status(replica);
  }
  const [, version, kind, id, action] = API_PATH.exec(request.path) ?? [];
  if (!VERSIONS[`${kind} ${action}`]?.includes(version!)) {
    throw new RequestRefused(`There is no ${request.path} here.`, 404);
  }
  assertMethod(request, 'POST');
  if (request.contentType?.toLowerCase() !== 'application/cbor') {
    throw new RequestRefused('Unexpected content-type, expected application/cbor.');
  }
  if (request.body.length > BODY_SIZE_MAX) {
    const text = `The body of ${request.body.length} bytes exceeds the limit of 4 MiB.`;
    throw new RequestRefused(text, 413);
  }
  const address = addressOf(replica, kind!, principalOf(id!));
  const { validates = true, body } = request;
  return HANDLERS[action!]!(replica, { ...address, version: version as Version, validates }, body);
}

function assertMethod({ method, path }: ApiRequest, expected: string): void {
  if (method === expected) return;
  throw new RequestRefused(`${path} takes ${expected}, not ${method}.`, 405);
}

function status(replica: Replica): ApiAnswer {
  return cborAnswer({
    root_key: replica.rootKey,
    impl_version: PACKAGE_VERSION,
    replica_health_status: 'healthy',
  });
}

function principalOf(text: string): Principal {
  try {
    return Principal.fromText(text);
  } catch (thrown) {
    throw new RequestRefused(`Invalid principal '${text}': ${(thrown as Error).message}`);
  }
}

function addressOf(
  replica: Replica,
  kind: string,
  id: Principal,
): Pick<Place, 'subnet' | 'effectiveId'> {
  if (kind === 'subnet') return { subnet: subnetWithId(replica, id), effectiveId: undefined };
  return { subnet: subnetAround(replica, id), effectiveId: id };
}

function subnetWithId(replica: Replica, id: Principal): Subnet {
  const subnet = replica.subnets.find((one) => samePrincipal(one.id, id));
  if (subnet !== undefined) return subnet;
  throw new RequestRefused(`Subnet ${id.toText()} is not here.`);
}

/** The default subnet also speaks for canister ids that no subnet has: it tells that nobody is. */
function subnetAround(replica: Replica, id: Principal): Subnet {
  if (isCanisterId(id) || replica.canister(id) !== undefined) return replica.subnetOf(id);
  throw new RequestRefused(`Canister ${id.toText()} is in no range of the subnets here.`);
}
