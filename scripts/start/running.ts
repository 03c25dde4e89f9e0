/** Where `npm start` notes what is running, for `npm run call`. */
import { fileURLToPath } from 'node:url';

export const RUNNING_FILE = fileURLToPath(new URL('../../.azle/running.json', import.meta.url));

/** What the file holds. */
export interface Running {
  readonly url: string;
  readonly canisterId: string;
}
