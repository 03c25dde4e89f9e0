/**
 * Queries. The answer is signed by the node that gives it, together with the time and the request.
 *
 * Source: IC interface specification, "Query call"; specs/replica.md section 2.5.
 */
import { refuseForeignTarget } from '../../authentication/authentication.js';
import { hashOfMap, type Hashable } from '../../authentication/representation.js';
import { concatBytes } from '../../bytes.js';
import { domainSeparator } from '../../certification/hash-tree.js';
import { errorCodeText } from '../../certification/request-status.js';
import type { Response } from '../../rejection.js';
import type { Replica } from '../../replica.js';
import { admit, callerInfoOf } from './admission.js';
import { cborAnswer, type ApiAnswer } from './answer.js';
import { refuseForeignAddress } from './effective-id.js';
import type { Place } from './place.js';

const RESPONSE = domainSeparator('ic-response');

export function answerQuery(replica: Replica, place: Place, body: Uint8Array): ApiAnswer {
  const { content, requestId, authorization } = admit(replica, place, 'query', body);
  refuseForeignTarget(authorization, content.canisterId);
  refuseForeignAddress(place, content);
  const response = replica.query({
    sender: content.sender,
    canisterId: content.canisterId,
    method: content.method,
    argument: content.argument,
    callerInfo: callerInfoOf(content),
    subnetId: place.subnet.id,
  });
  const fields = fieldsOf(response);
  const timestamp = replica.clock.roundTime;
  const hash = hashOfMap(replica.host, { ...fields, timestamp, request_id: requestId });
  const { id, signer } = place.subnet.node;
  const signature = signer.sign(concatBytes(RESPONSE, hash));
  const signatures = [{ timestamp, signature, identity: id.toUint8Array() }];
  return cborAnswer({ ...fields, signatures });
}

function fieldsOf(response: Response): Record<string, Hashable> {
  if (response.kind === 'reply') return { status: 'replied', reply: { arg: response.data } };
  const { rejectCode, errorCode, message } = response.rejection;
  return {
    status: 'rejected',
    reject_code: BigInt(rejectCode),
    reject_message: message,
    error_code: errorCodeText(errorCode),
  };
}
