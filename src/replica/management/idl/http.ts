/**
 * The types that outcalls and the method `http_request` share.
 *
 * Source: IC interface specification, `ic.did`.
 */
import { IDL } from '@dfinity/candid';

export const HttpHeaderIdl = IDL.Record({ name: IDL.Text, value: IDL.Text });

export const HttpResponseIdl = IDL.Record({
  status: IDL.Nat,
  headers: IDL.Vec(HttpHeaderIdl),
  body: IDL.Vec(IDL.Nat8),
});

export const TransformArgsIdl = IDL.Record({
  response: HttpResponseIdl,
  context: IDL.Vec(IDL.Nat8),
});
