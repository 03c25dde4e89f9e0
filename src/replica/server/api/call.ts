/**
 * Update calls. Version 2 only takes the call in, and the client asks about it later. From version
 * 3 on the answer waits for the call to end, which takes rounds; a call that takes too many of them
 * is one to ask about later.
 *
 * Source: IC interface specification, "Synchronous call" and "Asynchronous call".
 */
import { refuseForeignTarget } from '../../authentication/authentication.js';
import { RequestRefused } from '../../authentication/refusal.js';
import { path } from '../../certification/certifier.js';
import { errorCodeText } from '../../certification/request-status.js';
import { responseTo } from '../../ingress-history.js';
import type { Rejection } from '../../rejection.js';
import type { Replica } from '../../replica.js';
import { admit, callerInfoOf } from './admission.js';
import { cborAnswer, textAnswer, type ApiAnswer } from './answer.js';
import { refuseForeignAddress } from './effective-id.js';
import type { Place } from './place.js';

const ROUNDS_MAX = 10;

export function answerCall(replica: Replica, place: Place, body: Uint8Array): ApiAnswer {
  const { content, requestId, authorization } = admit(replica, place, 'call', body);
  refuseForeignTarget(authorization, content.canisterId);
  if (!authorization.mayUpdate) {
    throw new RequestRefused('Invalid delegation: it is good for queries only');
  }
  refuseForeignAddress(place, content);
  const submitted = replica.submit({
    sender: content.sender,
    canisterId: content.canisterId,
    method: content.method,
    argument: content.argument,
    callerInfo: callerInfoOf(content),
    messageId: requestId,
    effectiveId: place.effectiveId,
    subnetId: place.subnet.id,
    expiry: content.ingressExpiry,
  });
  switch (submitted.kind) {
    case 'malformed':
      throw new RequestRefused(`Request is too large: ${submitted.reason}.`, 413);
    case 'refused':
      return refused(place, submitted.rejection);
    case 'accepted':
      return outcome(replica, place, requestId, submitted.messageId);
  }
}

/** Refused before it was let in, so that no certificate knows of it. */
function refused({ version }: Place, { rejectCode, errorCode, message }: Rejection): ApiAnswer {
  const status = version === 'v2' ? {} : { status: 'non_replicated_rejection' };
  return cborAnswer({
    ...status,
    reject_code: rejectCode,
    reject_message: message,
    error_code: errorCodeText(errorCode),
  });
}

function outcome(
  replica: Replica,
  { version, subnet }: Place,
  requestId: Uint8Array,
  messageId: string,
): ApiAnswer {
  const isAnswered = runUntilAnswered(replica, messageId);
  if (version === 'v2' || !isAnswered) return textAnswer(202, '');
  const certificate = replica.certify(subnet, [path('request_status', requestId)]);
  // The word is "replied" even where the certificate holds a rejection.
  return cborAnswer({ status: 'replied', certificate });
}

function runUntilAnswered(replica: Replica, messageId: string): boolean {
  for (let round = 0; round <= ROUNDS_MAX; round++) {
    const message = replica.ingress(messageId);
    if (message === undefined) return false;
    if (message.status === 'done' || responseTo(message) !== undefined) return true;
    if (round < ROUNDS_MAX) replica.executeRound();
  }
  return false;
}
