/**
 * HTTPS outcalls as PocketIC shows them: which ones wait, and the answers that a test makes up.
 *
 * A test may say what each node of the subnet hears. PocketIC's subnets have 13 nodes, and a test
 * written for it gives 12 answers besides the first one, or none.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `MockCanisterHttp`.
 */
import type { HttpHeader, Outcall, OutcallAnswer } from '../outcalls.js';
import { samePrincipal } from '../principals.js';
import { RejectCode } from '../rejection.js';
import type { Replica } from '../replica.js';
import {
  invalidCanisterHttpRequestId,
  invalidMockCanisterHttpResponses,
  invalidRejectCode,
  subnetNotFound,
} from './pocket-ic-error.js';
import {
  asFields,
  blobField,
  integerField,
  isGiven,
  listField,
  objectField,
  principalField,
  principalToBase64,
  textField,
  toBase64,
  type Fields,
} from './wire.js';

const NODES = 13;
const STATUS_MAX = 2n ** 16n - 1n;

export function pendingOutcalls(replica: Replica): unknown {
  return replica.pendingOutcalls().map(describe);
}

export function mockOutcall(replica: Replica, fields: Fields): void {
  const answer = readAnswer(objectField(fields, 'response'));
  const others = listField(fields, 'additional_responses').map((one) =>
    readAnswer(asFields(one, 'additional_responses')),
  );
  const outcall = findOutcall(replica, fields);
  if (others.length > 0 && others.length + 1 !== NODES) {
    throw invalidMockCanisterHttpResponses(others.length + 1, NODES);
  }
  replica.answerOutcall(outcall.id, answer, ...others);
}

function describe({ id, subnetId, request }: Outcall): unknown {
  return {
    subnet_id: { subnet_id: principalToBase64(subnetId) },
    request_id: id,
    http_method: request.method,
    url: request.url,
    headers: request.headers.map(({ name, value }) => ({ name, value })),
    body: toBase64(request.body),
    max_response_bytes: request.responseSizeMax ?? null,
  };
}

function findOutcall(replica: Replica, fields: Fields): Outcall {
  const subnetId = principalField(objectField(fields, 'subnet_id'), 'subnet_id');
  if (!replica.subnets.some(({ id }) => samePrincipal(id, subnetId))) {
    throw subnetNotFound(subnetId);
  }
  const id = integerField(fields, 'request_id');
  const found = replica
    .pendingOutcalls()
    .find((one) => BigInt(one.id) === id && samePrincipal(one.subnetId, subnetId));
  if (found === undefined) throw invalidCanisterHttpRequestId(subnetId, id);
  return found;
}

function readAnswer(fields: Fields): OutcallAnswer {
  if (isGiven(fields, 'CanisterHttpReject')) {
    return readReject(objectField(fields, 'CanisterHttpReject'));
  }
  const reply = objectField(fields, 'CanisterHttpReply');
  return {
    kind: 'reply',
    status: Number(integerField(reply, 'status', STATUS_MAX)),
    headers: listField(reply, 'headers').map((one) => readHeader(asFields(one, 'headers'))),
    body: blobField(reply, 'body'),
  };
}

function readHeader(header: Fields): HttpHeader {
  return { name: textField(header, 'name'), value: textField(header, 'value') };
}

function readReject(fields: Fields): OutcallAnswer {
  const code = integerField(fields, 'reject_code');
  const rejectCode = Object.values(RejectCode).find((known) => BigInt(known) === code);
  if (rejectCode === undefined) throw invalidRejectCode(code);
  return { kind: 'reject', rejectCode, message: textField(fields, 'message') };
}
