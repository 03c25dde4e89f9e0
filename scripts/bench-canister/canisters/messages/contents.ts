/**
 * What is stored, each made of a number: messages, and what a user of a map makes of them. The
 * canisters make theirs with this file, and so does the script that fills their memories.
 */
import { Message } from '../../../../src/lib/index.js';

/** In bytes. */
export const PAYLOAD_SIZE = 64;

/** In bytes, what a map has of a message: as much as the header and the payload of ours. */
export const ENTRY_SIZE = 56 + PAYLOAD_SIZE;

/** A message as an object, for Azle's JSON. */
export interface PlainMessage {
  readonly traceId: bigint;
  readonly sequence: bigint;
  readonly creationTick: bigint;
  readonly deadline: bigint;
  readonly qos: string;
  readonly payload: Uint8Array;
}

/** The message of a number, with something in every field of the sender. */
export function messageOf(number: bigint): Message<Uint8Array> {
  const { payload, ...fields } = plainMessageOf(number);
  return Message.of(payload, { ...fields, qos: 'latency-critical' });
}

export function plainMessageOf(number: bigint): PlainMessage {
  return {
    traceId: number,
    sequence: number,
    creationTick: 1n,
    deadline: 2n,
    qos: 'latency-critical',
    payload: payloadOf(number),
  };
}

/** The payload of a message: other bytes for its neighbours. */
export function payloadOf(number: bigint): Uint8Array {
  return filled(PAYLOAD_SIZE, number);
}

/** What our map has of a message: bytes that somebody has made already. */
export function entryOf(number: bigint): Uint8Array {
  return filled(ENTRY_SIZE, number);
}

function filled(size: number, number: bigint): Uint8Array {
  return new Uint8Array(size).fill(Number(number & 0xffn));
}
