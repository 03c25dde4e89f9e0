/**
 * The HTTP gateways of a server: each listens on a port of its own and stands before one instance.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `HttpGatewayDetails`.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

import type { ForwardTo, GatewayConfig, HttpsConfig } from './gateway-config.js';
import { listen, type Listener, type ListenOptions } from './http-server.js';
import { InstanceGateway } from './instance-gateway.js';
import type { Instance } from './instance.js';
import { RequestError } from './wire.js';

interface Gateway {
  readonly instanceId: number;
  readonly forwardTo: ForwardTo['named'];
  readonly config: GatewayConfig;
  readonly listener: Listener;
}

const BAD_GATEWAY = 502;

export class HttpGateways {
  /** By number; a stopped gateway leaves its place empty. */
  readonly #gateways: (Gateway | undefined)[] = [];
  readonly #onRequest: ListenOptions['onRequest'];

  /** Who asks a gateway wants the server: `onRequest` hears of it as of any request. */
  constructor(onRequest?: ListenOptions['onRequest']) {
    this.#onRequest = onRequest;
  }

  /** What a client is told about the new gateway. */
  async start(
    instance: Instance,
    config: GatewayConfig,
    forwardTo: ForwardTo['named'] = { PocketIcInstance: instance.id },
  ): Promise<unknown> {
    const site = new InstanceGateway(instance, config.domains);
    const listener = await tryListen(site, {
      address: config.address,
      port: config.port,
      tls: config.https && readCertificate(config.https),
      onRequest: this.#onRequest,
    });
    this.#gateways.push({ instanceId: instance.id, forwardTo, config, listener });
    return { instance_id: this.#gateways.length - 1, port: listener.port };
  }

  /** To stop a gateway twice, or one that never was, does nothing. */
  async stop(id: number): Promise<void> {
    const gateway = this.#gateways[id];
    if (gateway === undefined) return;
    this.#gateways[id] = undefined;
    await gateway.listener.stop();
  }

  /** Stops the gateways of one instance. */
  async stopOf(instanceId: number): Promise<void> {
    const ids = [...this.#gateways.keys()];
    const own = ids.filter((id) => this.#gateways[id]?.instanceId === instanceId);
    await Promise.all(own.map((id) => this.stop(id)));
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#gateways.keys()].map((id) => this.stop(id)));
  }

  list(): unknown[] {
    return this.#gateways.flatMap((gateway, id) => (gateway ? [describe(id, gateway)] : []));
  }
}

function describe(id: number, { forwardTo, config, listener }: Gateway): unknown {
  const { domains, https } = config;
  return {
    instance_id: id,
    port: listener.port,
    forward_to: forwardTo,
    domains: domains ?? null,
    https_config: https ? { cert_path: https.certificatePath, key_path: https.keyPath } : null,
  };
}

/** A port that is taken, or an address that is not ours, is the client's to know. */
async function tryListen(site: InstanceGateway, options: ListenOptions): Promise<Listener> {
  try {
    return await listen(site, options);
  } catch (thrown) {
    const address = `${options.address ?? '127.0.0.1'}:${options.port ?? 0}`;
    const reason = (thrown as Error).message;
    throw new RequestError(`Failed to bind to address ${address}: ${reason}`, BAD_GATEWAY);
  }
}

/** A certificate that nobody could use is refused before anything listens. */
function readCertificate({ certificatePath, keyPath }: HttpsConfig): ListenOptions['tls'] {
  try {
    const files = { cert: readFileSync(certificatePath), key: readFileSync(keyPath) };
    createSecureContext(files);
    return files;
  } catch (thrown) {
    const reason = (thrown as Error).message;
    throw new RequestError(`TLS config could not be created: ${reason}`, BAD_GATEWAY);
  }
}
