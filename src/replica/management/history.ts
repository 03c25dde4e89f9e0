/**
 * The history of a canister in the words of the Candid interface.
 *
 * Source: IC interface specification, `change` in `ic.did`.
 */
import type { CanisterChange, ChangeDetails, ChangeOrigin } from '../canister-history.js';

export function changesOf(changes: readonly CanisterChange[]): Record<string, unknown>[] {
  return changes.map(({ timestamp, version, origin, details }) => ({
    timestamp_nanos: timestamp,
    canister_version: version,
    origin: originOf(origin),
    details: detailsOf(details),
  }));
}

function originOf(origin: ChangeOrigin): Record<string, unknown> {
  if (origin.kind === 'user') return { from_user: { user_id: origin.id } };
  const canister_version = origin.version === undefined ? [] : [origin.version];
  return { from_canister: { canister_id: origin.id, canister_version } };
}

function detailsOf(details: ChangeDetails): Record<string, unknown> {
  switch (details.kind) {
    case 'creation': {
      const { controllers, variablesHash } = details;
      const environment_variables_hash = variablesHash === undefined ? [] : [variablesHash];
      return { creation: { controllers, environment_variables_hash } };
    }
    case 'code uninstall':
      return { code_uninstall: null };
    case 'code deployment': {
      const { mode, moduleHash } = details;
      return { code_deployment: { mode: { [mode]: null }, module_hash: moduleHash } };
    }
    case 'load snapshot':
      return { load_snapshot: loadingOf(details) };
    case 'controllers change':
      return { controllers_change: { controllers: details.controllers } };
  }
}

type Loading = Extract<ChangeDetails, { kind: 'load snapshot' }>;

function loadingOf(details: Loading): Record<string, unknown> {
  return {
    from_canister_id: details.from === undefined ? [] : [details.from],
    snapshot_id: details.snapshotId,
    canister_version: details.snapshotVersion,
    taken_at_timestamp: details.takenAt,
    source: { [details.source]: null },
  };
}
