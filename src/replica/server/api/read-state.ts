/**
 * Reading the state tree: a certificate of what lies at the paths, and always of the time.
 *
 * Source: IC interface specification, "Read state".
 */
import { path } from '../../certification/certifier.js';
import type { Replica } from '../../replica.js';
import { admit } from './admission.js';
import { cborAnswer, type ApiAnswer } from './answer.js';
import type { Place } from './place.js';
import { refusePaths } from './readable-paths.js';

export function answerReadState(replica: Replica, place: Place, body: Uint8Array): ApiAnswer {
  const { content, authorization } = admit(replica, place, 'read_state', body);
  const { sender, paths } = content;
  refusePaths({ replica, place, sender, authorization }, paths);
  const certificate = replica.certify(place.subnet, [path('time'), ...paths]);
  return cborAnswer({ certificate });
}
