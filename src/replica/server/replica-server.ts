/**
 * The replica in this process, with PocketIC's REST interface on it.
 *
 * Source: specs/replica.md section 1.
 */
import { listen, type ListenOptions } from './http-server.js';
import { ServerRoutes } from './server-routes.js';

export interface ReplicaServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export type ServerOptions = Pick<ListenOptions, 'address' | 'port' | 'onRequest'>;

const LOCALHOST = '127.0.0.1';

/**
 * Starts the replica in this process, with PocketIC's REST interface on it.
 *
 * @example
 * const replica = await startReplica();
 * const pic = await PocketIc.create(replica.url);
 * await pic.tearDown();
 * await replica.stop();
 */
export async function startReplica(options: ServerOptions = {}): Promise<ReplicaServer> {
  const routes = new ServerRoutes(options.onRequest);
  const { port, stop } = await listen(routes, options);
  return {
    url: `http://${options.address ?? LOCALHOST}:${port}`,
    port,
    stop: async () => {
      await routes.close();
      await stop();
    },
  };
}
