/**
 * What things to come would cost, in cycles of 128 bits.
 *
 * This replica holds no keys for threshold signatures, so every key name is unknown to it.
 *
 * Source: IC interface specification, "Cycle cost calculation".
 */
import { callCost, outcallCost } from '../fees.js';
import type { SystemCall } from '../host.js';
import { ANY_AND_START, on, type SystemCalls } from './system-call.js';

const UNKNOWN_ALGORITHM = 1;
const UNKNOWN_KEY = 2;

export const COST_CALLS: SystemCalls = {
  cost_call: on(
    '(i64 i64 I) -> ()',
    ANY_AND_START,
    (m, nameSize: bigint, payloadSize: bigint, target: number) => {
      m.storeU128(target, callCost(m.input.fees, nameSize + payloadSize));
    },
  ),
  cost_create_canister: on('(I) -> ()', ANY_AND_START, (m, target: number) => {
    m.storeU128(target, m.input.fees.canisterCreation);
  }),
  cost_http_request: on(
    '(i64 i64 I) -> ()',
    ANY_AND_START,
    (m, requestSize: bigint, responseSizeMax: bigint, target: number) => {
      m.storeU128(target, outcallCost(m.input.fees, requestSize, responseSizeMax));
    },
  ),
  cost_sign_with_ecdsa: signatureCost('cost_sign_with_ecdsa', 1),
  cost_sign_with_schnorr: signatureCost('cost_sign_with_schnorr', 2),
  cost_vetkd_derive_key: signatureCost('cost_vetkd_derive_key', 1),
};

/** The cost of a signature by one of so many algorithms, with the key of the given name. */
function signatureCost(name: string, algorithms: number): SystemCall {
  return on(
    '(I I i32 I) -> i32',
    ANY_AND_START,
    (m, key: number, keySize: number, algorithm: number) => {
      m.loadText(`ic0.${name}`, key, keySize);
      return algorithm < algorithms ? UNKNOWN_KEY : UNKNOWN_ALGORITHM;
    },
  );
}
