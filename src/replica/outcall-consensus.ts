/**
 * What the nodes of a subnet make of an outcall. Each node asks the world outside by itself; what
 * two thirds of them agree on, after the transform of the canister, is the answer. A replica has no
 * such nodes, but whoever answers for the world may answer each of them differently, to see what
 * becomes of it.
 *
 * Source: IC interface specification, "IC method http_request"; dfinity/ic, canister HTTP payload
 * builder.
 */
import { hex } from './hex.js';
import type { Host } from './host.js';
import { RejectCode, systemReject, type Response } from './rejection.js';

interface Opinion {
  readonly hash: string;
  readonly response: Response;
  count: number;
}

/** The answer of as many nodes as there are responses; at least one. */
export function agreedResponse(
  host: Host,
  outcallId: number,
  responses: readonly Response[],
): Response {
  const opinions = opinionsOf(host, responses);
  const faultyMax = Math.floor((responses.length - 1) / 3);
  const [first] = opinions;
  if (first!.count >= responses.length - faultyMax) return first!.response;
  const hashes = opinions.map(({ hash, count }) => `[${hash}: ${count}]`).join(', ');
  const text =
    'No consensus could be reached. Replicas had different responses. ' +
    `Details: request_id: ${outcallId}, hashes: ${hashes}`;
  return systemReject(RejectCode.sysTransient, text);
}

/** The most frequent one first. */
function opinionsOf(host: Host, responses: readonly Response[]): Opinion[] {
  const opinions = new Map<string, Opinion>();
  for (const response of responses) {
    const hash = hashOf(host, response);
    const opinion = opinions.get(hash) ?? { hash, response, count: 0 };
    opinion.count++;
    opinions.set(hash, opinion);
  }
  return [...opinions.values()].sort((a, b) => b.count - a.count);
}

function hashOf(host: Host, response: Response): string {
  if (response.kind === 'reply') return hex(host.sha256(Uint8Array.of(0), response.data));
  const { rejectCode, message } = response.rejection;
  return hex(host.sha256(Uint8Array.of(1, rejectCode), new TextEncoder().encode(message)));
}
