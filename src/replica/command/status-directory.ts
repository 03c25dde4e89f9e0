/**
 * The status directory of a managed network: where its launcher tells `icp` that the network is
 * there, by a file of one line, and that it is gone, by taking the file away.
 *
 *     FIELD                          VALUE
 *     v                              "1"
 *     gateway_port                   where the network listens
 *     root_key                       its root key in DER form, in hexadecimal
 *     default_effective_canister_id  an id of the subnet where canisters go by default
 *     supported_features             none
 *
 * The fields `config_port` and `instance_id` belong to a PocketIC server, which is not there.
 *
 * Source: `icp-cli-network-launcher`, SPEC.md, "Output"; specs/replica.md section 3.4.
 */
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Principal } from '@dfinity/principal';

export interface NetworkStatus {
  readonly port: number;
  readonly rootKey: Uint8Array;
  readonly defaultCanisterId: Principal;
}

const FILE_NAME = 'status.json';

/** `icp` keeps its list of domains here, and leaves it to the launcher to clean up. */
const DOMAINS_NAME = 'custom-domains.txt';

export class StatusDirectory {
  constructor(readonly path: string) {}

  write({ port, rootKey, defaultCanisterId }: NetworkStatus): void {
    const fields = {
      v: '1',
      gateway_port: port,
      root_key: Buffer.from(rootKey).toString('hex'),
      default_effective_canister_id: defaultCanisterId.toText(),
      supported_features: [],
    };
    mkdirSync(this.path, { recursive: true });
    writeFileSync(join(this.path, FILE_NAME), `${JSON.stringify(fields)}\n`);
  }

  /** Takes the status away, and with it the directory, unless somebody else has files there. */
  remove(): void {
    for (const name of [FILE_NAME, DOMAINS_NAME]) rmSync(join(this.path, name), { force: true });
    try {
      rmdirSync(this.path);
    } catch {
      // It is gone, not empty, or held in place as a mount: not ours to mend.
    }
  }
}
