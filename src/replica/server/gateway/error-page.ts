/**
 * What the gateway says itself when there is no answer of a canister to pass on: a stable name of
 * what happened, and a sentence. Plain text reads well in a browser and in a terminal alike.
 *
 * Source: ic-gateway, `ErrorCause`.
 */
import { ErrorCode, type Rejection } from '../../rejection.js';
import { textAnswer, type HttpAnswer } from '../http.js';

/** A request that the gateway cannot answer, with the status to say so. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    readonly status: number,
    readonly what: string,
    message: string,
  ) {
    super(message);
  }
}

export function errorPage({ status, what, message }: GatewayError): HttpAnswer {
  return textAnswer(`${what}: ${message}\n`, status);
}

export function canisterNotNamed(): GatewayError {
  return new GatewayError(
    400,
    'canister_id_not_resolved',
    'expected a canister id in the host (http://ID.localhost) or in the query (?canisterId=ID)',
  );
}

export function bodyTooLarge(message: string): GatewayError {
  return new GatewayError(413, 'payload_too_large', message);
}

/** The canister, or the system on its behalf, said no. */
export function canisterRejected({ rejectCode, errorCode, message }: Rejection): GatewayError {
  const isMissing = errorCode === ErrorCode.canisterNotFound;
  const code = `IC${String(errorCode).padStart(4, '0')}`;
  return new GatewayError(
    isMissing ? 404 : 503,
    isMissing ? 'canister_not_found' : 'canister_rejected',
    `reject code ${rejectCode}, error code ${code}: ${message}`,
  );
}

/** The canister answered with something that is no HTTP response. */
export function malformedResponse(reason: string): GatewayError {
  return new GatewayError(502, 'malformed_response', reason);
}
