/**
 * All methods of the management canister, and who may call each of them:
 *
 *     by message   somebody outside sends an update call
 *     by canister  a canister calls
 *     by query     somebody outside sends a query, or a composite query calls
 *
 * Source: IC interface specification, `ic.did` and "IC method …"; specs/replica.md section 4.2.
 */
import * as code from './code.js';
import { httpRequest } from './http-request.js';
import { RandomBytes } from './idl.js';
import * as information from './information.js';
import * as lifecycle from './lifecycle.js';
import { freeMethod, type Method } from './method.js';
import { canisterMetrics } from './metrics.js';
import { updateSettings } from './settings.js';
import * as reading from './snapshot-reading.js';
import * as snapshots from './snapshots.js';
import { canisterStatus } from './status.js';

export type Way = 'message' | 'canister' | 'query';

export interface ListedMethod extends Method {
  readonly ways: readonly Way[];
}

const rawRand = freeMethod([], [RandomBytes], ({ state }) => [state.randomness.next()]);

export const METHODS: ReadonlyMap<string, ListedMethod> = new Map([
  list('provisional_create_canister_with_cycles', lifecycle.provisionalCreate),
  list('provisional_top_up_canister', lifecycle.provisionalTopUp),
  list('create_canister', lifecycle.createCanister, 'canister'),
  list('start_canister', lifecycle.startCanister),
  list('stop_canister', lifecycle.stopCanister),
  list('delete_canister', lifecycle.deleteCanister),
  list('deposit_cycles', lifecycle.depositCycles, 'canister'),
  list('update_settings', updateSettings),
  list('install_code', code.installCode),
  list('install_chunked_code', code.installChunkedCode),
  list('upload_chunk', code.uploadChunk),
  list('stored_chunks', code.storedChunks),
  list('clear_chunk_store', code.clearChunkStore),
  list('uninstall_code', code.uninstallCode),
  list('take_canister_snapshot', snapshots.takeSnapshot),
  list('load_canister_snapshot', snapshots.loadSnapshot),
  list('delete_canister_snapshot', snapshots.deleteSnapshot),
  list('upload_canister_snapshot_metadata', snapshots.uploadMetadata),
  list('upload_canister_snapshot_data', snapshots.uploadData),
  list('list_canister_snapshots', reading.listSnapshots),
  list('read_canister_snapshot_metadata', reading.readMetadata),
  list('read_canister_snapshot_data', reading.readData),
  list('canister_status', canisterStatus, 'message', 'canister', 'query'),
  list('canister_metrics', canisterMetrics, 'message', 'canister', 'query'),
  list('canister_info', information.canisterInfo, 'canister'),
  list('canister_metadata', information.canisterMetadata, 'canister'),
  list('fetch_canister_logs', information.fetchLogs, 'canister', 'query'),
  list('list_canisters', information.listCanisters, 'query'),
  list('subnet_info', information.subnetInfo, 'canister'),
  list('http_request', httpRequest, 'canister'),
  list('raw_rand', rawRand, 'canister'),
]);

/** One row of the table; most methods are called by message and by canister. */
function list(name: string, method: Method, ...ways: Way[]): [string, ListedMethod] {
  return [name, { ...method, ways: ways.length > 0 ? ways : ['message', 'canister'] }];
}

const THRESHOLD = 'it holds no threshold keys';
const BITCOIN = 'it is connected to no Bitcoin network';

/** What the Internet Computer serves and a replica alone cannot, with the reason. */
export const UNAVAILABLE: ReadonlyMap<string, string> = new Map([
  ['ecdsa_public_key', THRESHOLD],
  ['sign_with_ecdsa', THRESHOLD],
  ['schnorr_public_key', THRESHOLD],
  ['sign_with_schnorr', THRESHOLD],
  ['vetkd_public_key', THRESHOLD],
  ['vetkd_derive_key', THRESHOLD],
  ['bitcoin_get_balance', BITCOIN],
  ['bitcoin_get_utxos', BITCOIN],
  ['bitcoin_send_transaction', BITCOIN],
  ['bitcoin_get_current_fee_percentiles', BITCOIN],
  ['bitcoin_get_block_headers', BITCOIN],
  ['node_metrics_history', 'it has no nodes to measure'],
]);
