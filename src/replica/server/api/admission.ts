/**
 * What every request has to pass before anything is done about it: its form, its age, its
 * signatures.
 *
 * Source: specs/replica.md sections 2.3 and 2.8.
 */
import { Principal } from '@dfinity/principal';

import {
  authenticate,
  UNLIMITED,
  type Authorization,
} from '../../authentication/authentication.js';
import {
  readEnvelope,
  requestIdOf,
  type CallContent,
  type Content,
} from '../../authentication/envelope.js';
import { RequestRefused } from '../../authentication/refusal.js';
import type { CallerInfo } from '../../call-context.js';
import { samePrincipal } from '../../principals.js';
import type { Replica } from '../../replica.js';
import type { Place } from './place.js';

export interface Admitted<Kind extends Content> {
  readonly content: Kind;
  readonly requestId: Uint8Array;
  readonly authorization: Authorization;
}

type ContentOf<Type> = Extract<Content, { readonly type: Type | 'call' | 'query' }> & {
  readonly type: Type;
};

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** Five minutes, and half a minute for clocks that differ. */
const EXPIRY_WINDOW = 330n * NANOSECONDS_PER_SECOND;

export function admit<Type extends Content['type']>(
  replica: Replica,
  { validates }: Place,
  type: Type,
  body: Uint8Array,
): Admitted<ContentOf<Type>> {
  const envelope = readEnvelope(body);
  const { content } = envelope;
  if (content.type !== type) {
    const text = `Malformed request: request_type: expected '${type}', found '${content.type}'`;
    throw new RequestRefused(text);
  }
  const requestId = requestIdOf(replica.host, content);
  const admitted = { content: content as ContentOf<Type>, requestId };
  if (!validates) return { ...admitted, authorization: UNLIMITED };
  const { now } = replica.clock;
  refuseExpired(content, now);
  const verifier = { host: replica.host, rootKey: replica.rootKey };
  const authorization = authenticate(verifier, envelope, requestId, now);
  return { ...admitted, authorization };
}

/** What the canister behind the sender's key says of the sender. */
export function callerInfoOf({ senderInfo }: CallContent): CallerInfo | undefined {
  return senderInfo && { data: senderInfo.info, signer: senderInfo.signer };
}

/** Who only reads, and is nobody in particular, cannot replay anything. */
function refuseExpired({ type, sender, ingressExpiry }: Content, now: bigint): void {
  if (type !== 'call' && samePrincipal(sender, Principal.anonymous())) return;
  const latest = now + EXPIRY_WINDOW;
  if (now <= ingressExpiry && ingressExpiry <= latest) return;
  // Agents know this text by its beginning, and set their clocks.
  const text =
    'Invalid request expiry: Specified ingress_expiry not within expected range: ' +
    `Minimum allowed expiry: ${timeText(now)}, ` +
    `Maximum allowed expiry: ${timeText(latest)}, ` +
    `Provided expiry: ${timeText(ingressExpiry)}`;
  throw new RequestRefused(text);
}

/** A time as the Internet Computer writes it: 2021-05-06 19:17:10.000000001 UTC. */
function timeText(time: bigint): string {
  const seconds = new Date(Number((time / NANOSECONDS_PER_MILLISECOND / 1000n) * 1000n));
  const fraction = time % NANOSECONDS_PER_SECOND;
  const [date, clock] = seconds.toISOString().slice(0, -'.000Z'.length).split('T');
  const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0')}`;
  return `${date} ${clock}${digits} UTC`;
}
