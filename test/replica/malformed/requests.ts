/** Raw requests to one instance of a server, for tests that send what no client would. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import * as idl from '../../../src/replica/management/idl.js';

export interface Request {
  /** Below the instance. */
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

type Result = { readonly Ok: string } | { readonly Err: unknown };

const MANAGEMENT = Principal.fromText('aaaaa-aa');
const SENDER = Principal.fromUint8Array(Uint8Array.of(1, 2, 3));
const NO_BYTES = new Uint8Array(0);

export class PicRequests {
  private constructor(readonly url: string) {}

  static async start(serverUrl: string): Promise<PicRequests> {
    const subnet = { state_config: 'New', instruction_config: 'Production', dts_flag: 'Enabled' };
    const response = await fetch(`${serverUrl}/instances`, {
      method: 'POST',
      body: JSON.stringify({ subnet_config_set: { application: [subnet] } }),
    });
    const { Created } = (await response.json()) as { Created: { instance_id: number } };
    return new PicRequests(`${serverUrl}/instances/${Created.instance_id}`);
  }

  async post({ path, type, body }: Request): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': type },
      body: body as BodyInit,
    });
    return { status: response.status, text: await response.text() };
  }

  async createCanister(): Promise<Principal> {
    const argument = {
      amount: [],
      settings: [],
      specified_id: [],
      sender_canister_version: [],
    };
    const data = await this.#manage(
      'provisional_create_canister_with_cycles',
      idl.ProvisionalCreate,
      argument,
    );
    const [created] = IDL.decode([idl.CanisterIdRecord], bytesOf(data)) as unknown as [
      idl.CanisterIdRecord,
    ];
    return created.canister_id;
  }

  async install(canister_id: Principal, wasm_module: Uint8Array): Promise<void> {
    const argument = {
      mode: { install: null },
      canister_id,
      wasm_module,
      arg: NO_BYTES,
      sender_canister_version: [],
    };
    bytesOf(await this.#manage('install_code', idl.InstallCode, argument));
  }

  async update(canisterId: Principal, method: string, payload = NO_BYTES): Promise<Uint8Array> {
    return bytesOf(await this.#call(canisterId, method, payload));
  }

  #manage(method: string, type: IDL.Type, argument: unknown): Promise<Result> {
    return this.#call(MANAGEMENT, method, IDL.encode([type], [argument]));
  }

  async #call(canisterId: Principal, method: string, payload: Uint8Array): Promise<Result> {
    const submitted = await this.#postJson('/update/submit_ingress_message', {
      sender: base64(SENDER.toUint8Array()),
      canister_id: base64(canisterId.toUint8Array()),
      method,
      payload: base64(payload),
      effective_principal: 'None',
    });
    const { Ok } = submitted as { Ok?: unknown };
    if (Ok === undefined) return submitted as Result;
    return (await this.#postJson('/update/await_ingress_message', Ok)) as Result;
  }

  async #postJson(path: string, value: unknown): Promise<unknown> {
    const body = new TextEncoder().encode(JSON.stringify(value));
    const { text } = await this.post({ path, type: 'application/json', body });
    return JSON.parse(text);
  }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function bytesOf(result: Result): Uint8Array {
  if ('Err' in result) throw new Error(`expected a reply, got ${JSON.stringify(result.Err)}`);
  return new Uint8Array(Buffer.from(result.Ok, 'base64'));
}
