/**
 * Methods that tell and change nothing: the history of a canister, its metadata, its log, and what
 * there is on a subnet.
 *
 * The specification keeps `list_canisters` for the administrators of a subnet. Whoever can reach
 * this replica is one: it is theirs.
 *
 * Source: IC interface specification, "IC method `canister_info`" and the ones after it;
 * specs/replica.md section 4.2, "Logs".
 */
import type { Principal } from '@dfinity/principal';

import { isController, maySee } from '../canister.js';
import type { LogRecord } from '../canister-log.js';
import { samePrincipal } from '../principals.js';
import { ErrorCode, rejection } from '../rejection.js';
import { canisterIndexOf } from '../topology.js';
import { changesOf } from './history.js';
import type { CanisterIdRecord } from './idl.js';
import {
  CanisterInfo,
  CanisterInfoResult,
  CanisterMetadata,
  CanisterMetadataResult,
  CanisterRanges,
  FetchLogs,
  Logs,
  SubnetIdRecord,
  SubnetInfo,
  type LogFilter,
} from './idl/information.js';
import { byAnyone, canisterMethod, findCanister, freeMethod, type Access } from './method.js';

export const canisterInfo = canisterMethod<CanisterInfo>(
  [CanisterInfo],
  [CanisterInfoResult],
  byAnyone,
  (_call, { code, history, settings }, { num_requested_changes: [requested] }) => {
    const count = Math.min(Number(requested ?? 0n), history.recent.length);
    const result = {
      total_num_changes: history.total,
      recent_changes: changesOf(history.recent.slice(history.recent.length - count)),
      module_hash: code === undefined ? [] : [code.moduleHash],
      controllers: settings.controllers,
    };
    return [result];
  },
);

/** Public sections are for everybody, private ones for controllers. */
export const canisterMetadata = canisterMethod<CanisterMetadata>(
  [CanisterMetadata],
  [CanisterMetadataResult],
  byAnyone,
  ({ caller }, canister, { name }) => {
    const id = canister.id.toText();
    const refuse = (what: string) =>
      rejection(ErrorCode.rejected, `The canister ${id} has ${what}`);
    if (canister.code === undefined) {
      return refuse('no Wasm module and hence no metadata is available.');
    }
    const sections = canister.code.module.customSections;
    const hidden = isController(canister, caller) ? sections.get(`icp:private ${name}`) : undefined;
    const value = sections.get(`icp:public ${name}`) ?? hidden;
    if (value !== undefined) return [{ value }];
    return refuse(`no metadata section with the name ${name}.`);
  },
);

const byLogViewers: Access<CanisterIdRecord> = (call, { canister_id }) => {
  const canister = findCanister(call, canister_id);
  if ('errorCode' in canister) return canister;
  if (maySee(canister, canister.settings.logVisibility, call.caller)) return canister;
  const text = `Caller ${call.caller.toText()} is not allowed to access canister logs`;
  return rejection(ErrorCode.rejected, text);
};

export const fetchLogs = canisterMethod<FetchLogs>(
  [FetchLogs],
  [Logs],
  byLogViewers,
  (_call, { log }, { filter: [filter] }) => {
    const records = log.records.filter((record) => isWanted(record, filter));
    const canister_log_records = records.map(({ index, timestamp, content }) => ({
      idx: index,
      timestamp_nanos: timestamp,
      content,
    }));
    return [{ canister_log_records }];
  },
);

/** A range has its start in it and not its end. */
function isWanted({ index, timestamp }: LogRecord, filter: LogFilter | undefined): boolean {
  if (filter === undefined) return true;
  const [value, { start, end }] =
    'by_idx' in filter ? [index, filter.by_idx] : [timestamp, filter.by_timestamp_nanos];
  return start <= value && value < end;
}

/** The canisters of a subnet as ranges of ids that follow each other without a gap. */
export const listCanisters = freeMethod([], [CanisterRanges], ({ state, subnetId }) => {
  const own = state
    .canisters()
    .filter(({ id }) => samePrincipal(state.subnetOf(id).id, subnetId))
    .map(({ id }) => ({ id, index: canisterIndexOf(id)! }))
    .sort((a, b) => (a.index < b.index ? -1 : 1));
  const ranges: { start: Principal; end: Principal; last: bigint }[] = [];
  for (const { id, index } of own) {
    const range = ranges.at(-1);
    if (range?.last === index - 1n) Object.assign(range, { end: id, last: index });
    else ranges.push({ start: id, end: id, last: index });
  }
  return [{ canisters: ranges }];
});

/** The registry of the real system counts its versions; here nothing in it ever changes. */
const REGISTRY_VERSION = 1n;
const REPLICA_VERSION = 'stable-structures';

export const subnetInfo = freeMethod<SubnetIdRecord>(
  [SubnetIdRecord],
  [SubnetInfo],
  ({ state }, { subnet_id }) => {
    if (state.subnets.some(({ id }) => samePrincipal(id, subnet_id))) {
      return [{ replica_version: REPLICA_VERSION, registry_version: REGISTRY_VERSION }];
    }
    return rejection(ErrorCode.rejected, `There is no subnet ${subnet_id.toText()} here`);
  },
);
