/** Requests to scan a map of the data canister. */
import type { ScanRequest } from '../../src/canister/scan.js';

/** The whole map, as much of it at a time as a page holds. */
export const EVERYTHING: ScanRequest = {
  from: [],
  to: [],
  prefix: [],
  limit: [],
  reverse: [],
  cursor: [],
};
