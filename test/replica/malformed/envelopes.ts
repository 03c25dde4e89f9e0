/**
 * The signed requests of a real client. Whatever is changed in one of them breaks the signature,
 * if it does not break the CBOR first.
 */
import { HttpAgent } from '@icp-sdk/core/agent';
import { Ed25519KeyIdentity } from '@icp-sdk/core/identity';
import { Principal as ClientPrincipal } from '@icp-sdk/core/principal';
import type { Principal } from '@dfinity/principal';

import type { Request } from './requests.js';

const NO_BYTES = new Uint8Array(0);

/** A call, a query and two reads of state, as they went over the wire. */
export async function goodEnvelopes(url: string, canisterId: Principal): Promise<Request[]> {
  const sent: Request[] = [];
  const agent = await HttpAgent.create({
    host: `${url}/`,
    identity: Ed25519KeyIdentity.generate(),
    shouldFetchRootKey: true,
    fetch: (target: string | URL | globalThis.Request, init?: RequestInit) => {
      if (init?.method === 'POST') sent.push(requestOf(url, String(target), init));
      return fetch(target, init);
    },
  });
  const target = ClientPrincipal.fromText(canisterId.toText());
  await agent.query(target, { methodName: 'read', arg: NO_BYTES });
  await agent.call(target, { methodName: 'read', arg: NO_BYTES, effectiveCanisterId: target });
  await agent.readState({ canisterId: target }, { paths: [[new TextEncoder().encode('time')]] });
  // Nothing protects what the client sends without a signature: changed, it is another request.
  return sent.filter(({ body }) => Buffer.from(body).includes('sender_sig'));
}

function requestOf(url: string, target: string, init: RequestInit): Request {
  const body = new Uint8Array(init.body as Uint8Array);
  return { path: target.slice(url.length), type: 'application/cbor', body };
}
