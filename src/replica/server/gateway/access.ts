/**
 * What the gateway needs of a replica, and all that it knows of one. Whoever has a replica can put
 * a gateway before it.
 */
import type { IngressCall } from '../../ingress.js';
import type { Response } from '../../rejection.js';

export interface GatewayAccess {
  query(call: IngressCall): Response;
  /** Carries the call out, to its end. */
  update(call: IngressCall): Response;
}
