/**
 * The system interface: every function that a canister may import from the module `ic0`, with its
 * type, the modes in which it may be called, and what it does. A call in any other mode traps with
 * IC0504. The groups are in `ic0/`, see `ic0/system-call.ts`.
 *
 * Source: IC interface specification, "System API"; specs/replica.md section 4.1.
 */
import { CALL_CALLS } from './ic0/calls.js';
import { CANISTER_CALLS } from './ic0/canister.js';
import { CERTIFIED_DATA_CALLS } from './ic0/certified-data.js';
import { COST_CALLS } from './ic0/costs.js';
import { CYCLES_CALLS } from './ic0/cycles.js';
import { DEBUG_CALLS } from './ic0/debug.js';
import { MESSAGE_CALLS } from './ic0/message.js';
import { NARROW_CALLS } from './ic0/narrow.js';
import { STABLE_MEMORY_CALLS } from './ic0/stable-memory.js';
import type { SystemCalls } from './ic0/system-call.js';

export const IC0: SystemCalls = {
  ...MESSAGE_CALLS,
  ...CYCLES_CALLS,
  ...CANISTER_CALLS,
  ...CALL_CALLS,
  ...STABLE_MEMORY_CALLS,
  ...CERTIFIED_DATA_CALLS,
  ...COST_CALLS,
  ...DEBUG_CALLS,
  ...NARROW_CALLS,
};
