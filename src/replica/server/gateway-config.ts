/**
 * What a client may ask of an HTTP gateway: where it listens, under which domains, with which
 * certificate.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `HttpGatewayConfig`.
 */
import {
  integerField,
  isGiven,
  listField,
  objectField,
  RequestError,
  textField,
  type Fields,
} from './wire.js';

export interface GatewayConfig {
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Canisters live at subdomains of these; undefined stands for `localhost`. */
  readonly domains: readonly string[] | undefined;
  readonly https: HttpsConfig | undefined;
}

/** Paths of files in PEM form. */
export interface HttpsConfig {
  readonly certificatePath: string;
  readonly keyPath: string;
}

const PORT_MAX = 65_535n;
const LOCALHOST = 'localhost';
const INSTANCE_PATH = /^\/instances\/(\d+)\/?$/;

export function readGatewayConfig(fields: Fields): GatewayConfig {
  return {
    address: isGiven(fields, 'ip_addr') ? textField(fields, 'ip_addr') : undefined,
    port: isGiven(fields, 'port') ? Number(integerField(fields, 'port', PORT_MAX)) : undefined,
    domains: isGiven(fields, 'domains') ? readDomains(fields) : undefined,
    https: isGiven(fields, 'https_config')
      ? readHttps(objectField(fields, 'https_config'))
      : undefined,
  };
}

/** What a gateway is to stand before: an instance, by its number or by its address. */
export interface ForwardTo {
  readonly instanceId: number;
  /** As the client named it. */
  readonly named: Readonly<Record<string, unknown>>;
}

/** An address, such as dfx gives, is that of an instance of this server: `host` is its own. */
export function readForwardTo(fields: Fields, host: string | undefined): ForwardTo {
  const target = objectField(fields, 'forward_to');
  if (isGiven(target, 'PocketIcInstance')) {
    const instanceId = Number(integerField(target, 'PocketIcInstance'));
    return { instanceId, named: { PocketIcInstance: instanceId } };
  }
  if (isGiven(target, 'Replica')) {
    const address = textField(target, 'Replica');
    const instanceId = instanceAt(address, host);
    if (instanceId !== undefined) return { instanceId, named: { Replica: address } };
  }
  throw new RequestError(
    'forward_to: this gateway forwards to an instance of its own server, ' +
      `by 'PocketIcInstance' or as 'Replica' by http://${host ?? LOCALHOST}/instances/<number>/`,
  );
}

function instanceAt(address: string, host: string | undefined): number | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const number = INSTANCE_PATH.exec(url.pathname)?.[1];
  return url.protocol === 'http:' && url.host === host && number !== undefined
    ? Number(number)
    : undefined;
}

function readDomains(fields: Fields): readonly string[] {
  return listField(fields, 'domains').map((domain) => {
    if (typeof domain === 'string') return domain.toLowerCase();
    throw new RequestError('domains: expected a list of texts');
  });
}

function readHttps(fields: Fields): HttpsConfig {
  return {
    certificatePath: textField(fields, 'cert_path'),
    keyPath: textField(fields, 'key_path'),
  };
}
