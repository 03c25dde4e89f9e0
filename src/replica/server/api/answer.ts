/** Answers of the HTTPS interface: CBOR for results, plain text for faults of the request. */
import { encodeCbor } from '../../certification/cbor.js';

export interface ApiAnswer {
  readonly status: number;
  readonly type: 'application/cbor' | 'text/plain; charset=utf-8';
  readonly body: Uint8Array;
}

const utf8 = new TextEncoder();

export function cborAnswer(value: unknown): ApiAnswer {
  return { status: 200, type: 'application/cbor', body: encodeCbor(value) };
}

export function textAnswer(status: number, text: string): ApiAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: utf8.encode(text) };
}
