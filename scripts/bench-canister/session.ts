/**
 * A subject's canister on the embedded replica, whose modules count their instructions. The subnet
 * is one for benchmarks: limits are high enough that no rival meets them, costs are the usual ones.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { nodeHost, Replica, type Response } from '../../src/replica/index.js';
import { responseTo } from '../../src/replica/ingress-history.js';
import {
  CanisterIdRecord,
  InstallCode,
  ProvisionalCreate,
  type InstallMode,
} from '../../src/replica/management/idl.js';

const MANAGEMENT = Principal.managementCanister();
const SENDER = Principal.selfAuthenticating(Uint8Array.of(1));
const ROUNDS_MAX = 100;
const SETTLING_ROUNDS = 10;

/** A method with its types. */
export interface Method {
  readonly name: string;
  readonly mode: 'query' | 'update';
  readonly parameters: readonly IDL.Type[];
  readonly results: readonly IDL.Type[];
}

export interface Called {
  readonly result: unknown;
  /** What the message cost, all of it. */
  readonly instructions: number;
}

export class Session {
  readonly #wasm: Uint8Array;
  readonly #replica = new Replica({
    host: nodeHost,
    seed: Uint8Array.of(1),
    subnets: [{ kind: 'Application', costSchedule: 'Free', instructionConfig: 'Benchmarking' }],
  });
  readonly #canisterId: Principal;
  /** The method that was called last: Azle's timers send messages too, which do not count. */
  #called = '';
  #instructions = 0;

  /** Installs the module of a subject. */
  constructor(wasm: Uint8Array) {
    this.#wasm = wasm;
    this.#replica.watch(({ method }) => ({ instructions }) => {
      if (method === this.#called) this.#instructions = Number(instructions);
    });
    this.#canisterId = this.#create();
    this.#install({ install: null });
  }

  /** The canister's whole stable memory. */
  image(): Uint8Array {
    return this.#replica.canister(this.#canisterId)!.code!.stable.toBytes();
  }

  /** Starts the canister anew over another stable memory. */
  restart(image: Uint8Array): void {
    this.#replica.setStableMemory(this.#canisterId, image);
    this.#install({ upgrade: [] });
  }

  /** Calls a method. Throws where the canister refuses or traps. */
  call({ name, mode, parameters, results }: Method, ...args: readonly unknown[]): Called {
    this.#called = name;
    const argument = new Uint8Array(IDL.encode([...parameters], [...args]));
    const call = { sender: SENDER, canisterId: this.#canisterId, method: name, argument };
    const response = mode === 'query' ? this.#replica.query(call) : this.#update(call);
    const instructions = this.#instructions;
    return { result: IDL.decode([...results], dataOf(name, response))[0], instructions };
  }

  #create(): Principal {
    const request = {
      amount: [],
      settings: [],
      specified_id: [],
      sender_canister_version: [],
    };
    const reply = this.#manage(
      'provisional_create_canister_with_cycles',
      ProvisionalCreate,
      request,
    );
    const [created] = IDL.decode([CanisterIdRecord], reply) as unknown as [CanisterIdRecord];
    return created.canister_id;
  }

  #install(mode: InstallMode): void {
    this.#manage('install_code', InstallCode, {
      mode,
      canister_id: this.#canisterId,
      wasm_module: this.#wasm,
      arg: new Uint8Array(0),
      sender_canister_version: [],
    });
    this.#settle();
  }

  /** Lets Azle's own timer do its work: it asks for randomness once the canister is installed. */
  #settle(): void {
    for (let round = 0; round < SETTLING_ROUNDS; round++) this.#replica.executeRound();
  }

  #manage(method: string, type: IDL.Type, value: unknown): Uint8Array {
    const argument = new Uint8Array(IDL.encode([type], [value]));
    const call = { sender: SENDER, canisterId: MANAGEMENT, method, argument };
    return dataOf(method, this.#update(call));
  }

  #update(call: Parameters<Replica['submit']>[0]): Response {
    const submitted = this.#replica.submit(call);
    if (submitted.kind !== 'accepted')
      throw new Error(`${call.method}: ${JSON.stringify(submitted)}`);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      this.#replica.executeRound();
      const response = responseTo(this.#replica.ingress(submitted.messageId)!);
      if (response !== undefined) return response;
    }
    throw new Error(`${call.method} was not answered within ${ROUNDS_MAX} rounds`);
  }
}

function dataOf(method: string, response: Response): Uint8Array {
  if (response.kind === 'reply') return response.data;
  throw new Error(`${method}: ${response.rejection.message}`);
}
