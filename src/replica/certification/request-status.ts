/**
 * What the state tree tells about an update call: where it is on its way, and its answer.
 *
 * Source: IC interface specification, "Request status".
 */
import type { IngressMessage } from '../ingress-history.js';
import { leb128 } from './leb128.js';

const utf8 = new TextEncoder();

export function requestStatus({ status }: IngressMessage): [name: string, value: Uint8Array][] {
  if (typeof status === 'string') return [['status', utf8.encode(status)]];
  if (status.kind === 'reply') {
    return [
      ['status', utf8.encode('replied')],
      ['reply', status.data],
    ];
  }
  const { rejectCode, errorCode, message } = status.rejection;
  return [
    ['status', utf8.encode('rejected')],
    ['reject_code', leb128(BigInt(rejectCode))],
    ['reject_message', utf8.encode(message)],
    ['error_code', utf8.encode(errorCodeText(errorCode))],
  ];
}

/** How an error code is written everywhere but in PocketIC's interface: 503 is "IC0503". */
export function errorCodeText(errorCode: number): string {
  return `IC${String(errorCode).padStart(4, '0')}`;
}
