/**
 * Certified data: what the canister sets, the certificate that proves it, and the root key.
 *
 * A data certificate is for queries only: while a canister changes its state, nothing of what it
 * changes is certified yet.
 *
 * Source: IC interface specification, "Certified data".
 */
import { ANY, blob, on, type SystemCalls } from './system-call.js';

const SIZE_MAX = 32;
const CERTIFIED_MODES = 'NRQ CQ';

export const CERTIFIED_DATA_CALLS: SystemCalls = {
  ...blob('root_key', 'I G U RQ Ry Rt C T', (m) => m.input.rootKey()),
  certified_data_set: on('(I I) -> ()', 'I G U Ry Rt T', (m, pointer: number, size: number) => {
    if (size > SIZE_MAX) {
      m.violate(`ic0.certified_data_set: ${size} bytes exceed ${SIZE_MAX}`);
    }
    m.certifiedData = m.load(pointer, size);
  }),
  data_certificate_present: on('() -> i32', ANY, (m) =>
    CERTIFIED_MODES.split(' ').includes(m.input.mode) ? 1 : 0,
  ),
  ...blob('data_certificate', CERTIFIED_MODES, (m) => m.input.dataCertificate()),
};
