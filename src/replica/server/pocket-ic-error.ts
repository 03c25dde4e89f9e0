/**
 * The errors of PocketIC. Its server writes them down as Rust prints a value for debugging, and
 * tests of its clients look for these texts.
 *
 * Source: specs/replica.md section 1.2; dfinity/ic, `PocketIcError`.
 */
import type { Principal } from '@dfinity/principal';

import { RequestError } from './wire.js';

const PRINCIPAL_SIZE_MAX = 29;

export function canisterNotFound(id: Principal): RequestError {
  return new RequestError(`CanisterNotFound(${canisterId(id)})`);
}

export function canisterIsEmpty(id: Principal): RequestError {
  return new RequestError(`CanisterIsEmpty(${canisterId(id)})`);
}

export function badIngressMessage(reason: string): RequestError {
  return new RequestError(`BadIngressMessage(${JSON.stringify(reason)})`);
}

export function subnetNotFound(id: Principal): RequestError {
  const bytes = new Uint8Array(PRINCIPAL_SIZE_MAX);
  const named = id.toUint8Array();
  bytes.set(named);
  const printed = `Principal { len: ${named.length}, bytes: [${[...bytes].join(', ')}] }`;
  return new RequestError(`SubnetNotFound(${printed})`);
}

export function settingTimeIntoPast(now: bigint, asked: bigint): RequestError {
  return new RequestError(`SettingTimeIntoPast((${now}, ${asked}))`);
}

export function forbidden(reason: string): RequestError {
  return new RequestError(`Forbidden(${JSON.stringify(reason)})`, 403);
}

export function blockmakerNotFound(node: Principal): RequestError {
  return new RequestError(`BlockmakerNotFound(${node.toText()})`);
}

export function invalidCanisterHttpRequestId(subnet: Principal, id: bigint): RequestError {
  return new RequestError(`InvalidCanisterHttpRequestId((${subnet.toText()}, ${id}))`);
}

export function invalidMockCanisterHttpResponses(found: number, expected: number): RequestError {
  return new RequestError(`InvalidMockCanisterHttpResponses((${found}, ${expected}))`);
}

export function invalidRejectCode(code: bigint): RequestError {
  return new RequestError(`InvalidRejectCode(${code})`);
}

export function invalidCanisterSnapshotDirectory(reason: string): RequestError {
  return new RequestError(`InvalidCanisterSnapshotDirectory(${JSON.stringify(reason)})`);
}

export function canisterSnapshotError(reason: string): RequestError {
  return new RequestError(`CanisterSnapshotError(${JSON.stringify(reason)})`);
}

/** A field that is no principal, message id or the like, as the conversion of the field says it. */
export function conversionError(reason: string): RequestError {
  return new RequestError(`ConversionError { message: ${JSON.stringify(reason)} }`);
}

function canisterId(id: Principal): string {
  return `CanisterId(${id.toText()})`;
}
