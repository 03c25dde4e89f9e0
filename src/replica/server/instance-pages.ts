/**
 * The pages of an instance that are for people and tools alike: they are served below the instance
 * and by its gateways.
 *
 * Source: specs/replica.md section 1.3.
 */
import { dashboardPage } from './dashboard.js';
import { answerOf, jsonAnswer, type HttpAnswer } from './http.js';
import type { Instance } from './instance.js';
import { describeTopology } from './topology-route.js';
import { stringify } from './wire.js';

export const INSTANCE_PAGES: Readonly<
  Record<string, ((instance: Instance) => HttpAnswer) | undefined>
> = {
  'GET /_/topology': ({ replica }) => jsonAnswer(stringify(describeTopology(replica))),
  'GET /_/dashboard': ({ replica }) =>
    answerOf(200, 'text/html; charset=utf-8', dashboardPage(replica)),
};
