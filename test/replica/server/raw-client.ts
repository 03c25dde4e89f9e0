/** PocketIC's interface without its client: for what the client would never send. */
import { Principal } from '@dfinity/principal';
import { JSONParse } from 'json-with-bigint';

export interface RawAnswer {
  readonly status: number;
  /** The JSON of the answer, with large integers as `bigint`; undefined where it is empty. */
  readonly value: unknown;
}

export const ANONYMOUS = rawPrincipal(Principal.anonymous());
export const MANAGEMENT = '';

export function rawPrincipal(principal: Principal): string {
  return toBase64(principal.toUint8Array());
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** Copied, for some readers of bytes look at the whole buffer. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

export class RawClient {
  constructor(readonly url: string) {}

  get(path: string): Promise<RawAnswer> {
    return this.#send(path, { method: 'GET' });
  }

  delete(path: string): Promise<RawAnswer> {
    return this.#send(path, { method: 'DELETE' });
  }

  post(path: string, body: unknown, headers?: Record<string, string>): Promise<RawAnswer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.#send(path, { method: 'POST', body: text, ...(headers && { headers }) });
  }

  /** A new instance with one application subnet, by its path. */
  async instance(config: object = {}): Promise<string> {
    const subnet_config_set = { application: [{ state_config: 'New' }] };
    const { status, value } = await this.post('/instances', { subnet_config_set, ...config });
    if (status !== 201) throw new Error(`no instance: ${JSON.stringify(value)}`);
    return `/instances/${(value as { Created: { instance_id: number } }).Created.instance_id}`;
  }

  /** The id of the instance that was made last: PocketIC's own client does not tell it. */
  async newestInstance(): Promise<number> {
    const { value } = await this.get('/instances');
    return (value as unknown[]).length - 1;
  }

  async #send(path: string, init: RequestInit): Promise<RawAnswer> {
    const answer = await fetch(this.url + path, init);
    const text = await answer.text();
    return { status: answer.status, value: text === '' ? undefined : JSONParse(text) };
  }
}

/** The text of an error, as `{ "message": … }` or `{ "Error": { "message": … } }` has it. */
export function messageOf({ value }: RawAnswer): string {
  const { message, Error: error } = value as { message?: string; Error?: { message: string } };
  return message ?? error!.message;
}
