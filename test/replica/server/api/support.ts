/** A replica behind HTTP for as long as a test file runs, on the clock of the machine. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ReplicaOptions } from '../../../../src/replica/index.js';
import { answerApi } from '../../../../src/replica/server/api/api.js';
import { Bench, canister, dataOf } from '../../support.js';

const CYCLES = 10n ** 16n;

export class LiveBench extends Bench {
  readonly #server: Server;
  /** What came in, as "POST /api/v3/…". */
  readonly requests: string[] = [];
  /** How far the clock of the replica is ahead of the machine's. */
  aheadInMs = 0;

  private constructor(options: Partial<ReplicaOptions>) {
    super(options);
    this.keepTime();
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: Partial<ReplicaOptions> = {}): Promise<LiveBench> {
    const bench = new LiveBench(options);
    await new Promise<void>((resolve) => bench.#server.listen(0, '127.0.0.1', resolve));
    return bench;
  }

  get host(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The id of a new canister as a text, which every client can read. */
  deployId(body: string): string {
    const id = this.create(CYCLES);
    dataOf(this.install(id, canister(body)));
    return id.toText();
  }

  keepTime(): void {
    this.replica.clock.setCertified(BigInt(Date.now() + this.aheadInMs) * 1_000_000n);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    this.keepTime();
    this.requests.push(`${request.method} ${request.url}`);
    const { status, type, body } = answerApi(this.replica, {
      method: request.method!,
      path: request.url!,
      contentType: request.headers['content-type'],
      body: new Uint8Array(Buffer.concat(pieces)),
    });
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  }
}

/** Echoes its argument, rejects, traps, and tells who calls. */
export const CANISTER = `
  (data (i32.const 0) "no, thank you")
  (data (i32.const 90) "DIDL\\00\\01\\68\\01")
  (func $echo
    (call $msg_arg_data_copy (i32.const 100) (i32.const 0) (call $msg_arg_data_size))
    (call $reply_bytes (i32.const 100) (call $msg_arg_data_size)))
  (func (export "canister_query echo_query") (call $echo))
  (func (export "canister_update echo") (call $echo))
  (func $refuse (call $msg_reject (i32.const 0) (i32.const 13)))
  (func (export "canister_query refuse_query") (call $refuse))
  (func (export "canister_update refuse") (call $refuse))
  (func (export "canister_query trap_query") unreachable)
  (func (export "canister_update trap") unreachable)
  (func $whoami
    (i32.store8 (i32.const 98) (call $msg_caller_size))
    (call $msg_caller_copy (i32.const 99) (i32.const 0) (call $msg_caller_size))
    (call $reply_bytes (i32.const 90) (i32.add (call $msg_caller_size) (i32.const 9))))
  (func (export "canister_query whoami_query") (call $whoami))
  (func (export "canister_update whoami") (call $whoami))
  (global $count (mut i32) (i32.const 0))
  (func (export "canister_update count")
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (call $reply_i32 (global.get $count)))`;
