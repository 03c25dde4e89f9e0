/** The list of changes, and what it takes of the memory. */
import { expect, test } from '@jest/globals';
import { Principal } from '@dfinity/principal';

import {
  changeSize,
  EMPTY_HISTORY,
  recorded,
  type CanisterChange,
  type ChangeDetails,
} from '../../src/replica/canister-history.js';

const id = Principal.anonymous();
const change = (details: ChangeDetails, version = 0n): CanisterChange => ({
  timestamp: 1n,
  version,
  origin: { kind: 'user', id },
  details,
});

test('twenty changes are kept, all are counted', () => {
  let history = EMPTY_HISTORY;
  for (let version = 0n; version < 21n; version++) {
    history = recorded(history, change({ kind: 'code uninstall' }, version));
  }
  expect(history.total).toBe(21n);
  expect(history.recent.map(({ version }) => version)).toEqual(
    Array.from({ length: 20 }, (_, index) => BigInt(index + 1)),
  );
});

test('a change takes more room the more there is to say', () => {
  const sizes = [
    changeSize(change({ kind: 'code uninstall' })),
    changeSize(change({ kind: 'controllers change', controllers: [id] })),
    changeSize(
      change({ kind: 'code deployment', mode: 'install', moduleHash: new Uint8Array(32) }),
    ),
    changeSize(change({ kind: 'creation', controllers: [id], variablesHash: undefined })),
    changeSize(
      change({
        kind: 'load snapshot',
        from: id,
        snapshotId: new Uint8Array(18),
        snapshotVersion: 1n,
        takenAt: 1n,
        source: 'metadata_upload',
      }),
    ),
  ];
  expect(sizes).toEqual([...sizes].sort((one, other) => one - other));
  expect(new Set(sizes).size).toBe(sizes.length);
});
