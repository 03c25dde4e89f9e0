/** Bodies for the routes of PocketIC's REST interface, and what is wrong with others. */
import type { Principal } from '@dfinity/principal';
import * as fc from 'fast-check';

import { base64, type Request } from './requests.js';

type Fields = Readonly<Record<string, unknown>>;

/** A good body by its route; every field of it has to be there. */
export type Body = readonly [path: string, fields: Fields];

export function goodBodies(canisterId: Principal): Body[] {
  const canister_id = base64(canisterId.toUint8Array());
  const sender = base64(Uint8Array.of(1, 2, 3));
  const call = { sender, canister_id, method: 'increment', payload: '' };
  return [
    ['/update/submit_ingress_message', call],
    ['/read/query', { ...call, method: 'read' }],
    ['/update/await_ingress_message', { message_id: base64(new Uint8Array(32)) }],
    ['/update/set_time', { nanos_since_epoch: 2_000_000_000_000_000 }],
    ['/update/set_certified_time', { nanos_since_epoch: 2_000_000_000_000_000 }],
    ['/read/get_cycles', { canister_id }],
    ['/update/add_cycles', { canister_id, amount: 5 }],
    ['/read/get_stable_memory', { canister_id }],
    ['/update/set_stable_memory', { canister_id, blob_id: base64(new Uint8Array(32)) }],
    ['/read/get_controllers', { canister_id }],
    ['/read/get_subnet', { canister_id }],
    ['/read/pub_key', { subnet_id: canister_id }],
  ];
}

/** Values that no field of these routes may have. */
const WRONG_VALUES = [null, true, [], {}, 1.5, -1, [1, 2], { a: 1 }];

/** Only texts are principals and blobs, and only those in base64. */
const NO_BASE64 = ['*', 'not base64!', 'AAA', 'AA=A', '\u0000'];

/** Requests to the route of a body that have something missing, something wrong, or no end. */
export function wrongBodiesOf([path, fields]: Body): fc.Arbitrary<Request> {
  const text = JSON.stringify(fields);
  const names = Object.keys(fields);
  return fc
    .oneof(
      fc
        .nat({ max: text.length - 1 })
        .filter((length) => length > 0)
        .map((length) => text.slice(0, length)),
      fc.constantFrom(...names).map((name) => JSON.stringify({ ...fields, [name]: undefined })),
      fc
        .constantFrom(...names)
        .chain((name) =>
          wrongValuesOf(name).map((value) => JSON.stringify({ ...fields, [name]: value })),
        ),
      fc.constantFrom('[]', '5', 'null', '"text"', 'true', '{"', '\u0000', text.repeat(2)),
    )
    .map((body) => ({
      path,
      type: 'application/json',
      body: new TextEncoder().encode(body),
    }));
}

function wrongValuesOf(name: string): fc.Arbitrary<unknown> {
  if (name === 'method') return fc.constantFrom(...WRONG_VALUES);
  if (name === 'amount' || name === 'nanos_since_epoch') {
    return fc.constantFrom(...WRONG_VALUES, 'many', '7');
  }
  return fc.constantFrom(...WRONG_VALUES, 5, ...NO_BASE64);
}
