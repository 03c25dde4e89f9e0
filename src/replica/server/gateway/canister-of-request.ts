/**
 * Which canister a request is for. Its id is named, in the order of precedence,
 *
 *     by the host          ID.localhost, or ID.raw.localhost, or ID below a domain of the gateway
 *     by the query         ?canisterId=ID
 *     by the referring page, in either way: the scripts and pictures of a page follow the page
 *
 * Source: HTTP Gateway Protocol Specification, "Canister ID resolution"; ic-gateway.
 */
import { Principal } from '@dfinity/principal';

import { headerOf, type HttpRequest } from '../http.js';

export const DEFAULT_DOMAINS: readonly string[] = ['localhost'];

const QUERY_NAME = 'canisterId';

export function canisterOfRequest(
  request: HttpRequest,
  domains: readonly string[],
): Principal | undefined {
  const host = headerOf(request, 'host') ?? '';
  return (
    canisterOfHost(hostName(host), domains) ??
    canisterOfQuery(new URLSearchParams(request.query)) ??
    canisterOfReferer(headerOf(request, 'referer'), domains)
  );
}

function canisterOfHost(host: string, domains: readonly string[]): Principal | undefined {
  for (const domain of domains) {
    if (!host.endsWith(`.${domain}`)) continue;
    const label = host.slice(0, -domain.length - 1).replace(/\.raw$/, '');
    const id = parsePrincipal(label);
    if (id !== undefined) return id;
  }
  return undefined;
}

function canisterOfQuery(query: URLSearchParams): Principal | undefined {
  const id = query.get(QUERY_NAME);
  return id === null ? undefined : parsePrincipal(id);
}

function canisterOfReferer(
  referer: string | undefined,
  domains: readonly string[],
): Principal | undefined {
  if (referer === undefined || !URL.canParse(referer)) return undefined;
  const { hostname, searchParams } = new URL(referer);
  return canisterOfHost(hostname, domains) ?? canisterOfQuery(searchParams);
}

/** Without the port, in lower case. */
function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

function parsePrincipal(text: string): Principal | undefined {
  try {
    return Principal.fromText(text);
  } catch {
    return undefined; // Any label may stand before a domain; this one names no canister.
  }
}
