/**
 * Certified data: what the canister sets, the certificate that proves it, and the root key.
 *
 * There are no data certificates yet: `data_certificate_present` answers 0.
 *
 * Source: IC interface specification, "Certified data".
 */
import type { MessageExecution as Message } from '../message-execution.js';
import { ANY, blob, on, type SystemCalls } from './system-call.js';

const SIZE_MAX = 32;

export const CERTIFIED_DATA_CALLS: SystemCalls = {
  ...blob('root_key', 'I G U RQ Ry Rt C T', (m) => m.input.rootKey()),
  certified_data_set: on('(I I) -> ()', 'I G U Ry Rt T', (m, pointer: number, size: number) => {
    if (size > SIZE_MAX) {
      m.violate(`ic0.certified_data_set: ${size} bytes exceed ${SIZE_MAX}`);
    }
    m.certifiedData = m.load(pointer, size);
  }),
  data_certificate_present: on('() -> i32', ANY, () => 0),
  ...blob('data_certificate', 'NRQ CQ', noCertificate),
};

function noCertificate(m: Message): never {
  return m.violate('ic0.data_certificate: there is none');
}
