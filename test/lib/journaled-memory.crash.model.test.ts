/**
 * A journaled memory is crashed at every event: what comes back is the last committed transaction,
 * or the one that was under way, byte for byte. Then the same with a sync, a checksum or a number
 * left out, which the sweep must find.
 */
import { describe, expect, test } from '@jest/globals';
import { checkCrashes, sweep } from '../support/crash/check-crashes.js';
import { IS_SLOW } from '../support/model.js';
import { journalTrial, openJournaled, openOver } from '../support/crash/journal-trial.js';
import { trustingJournal } from '../support/crash/trusting-journal.js';
import { withoutSyncs } from '../support/crash/without-syncs.js';
import type { RecordingDisk } from '../support/crash/recording-disk.js';
import type { JournaledMemory } from '../../src/lib/journaled-memory.js';

test('a crash at any point leaves the last committed transaction', () => {
  const recoveryEvery = IS_SLOW ? 64 : 197;
  const options = { recoveryEvery, quickly: 300 };
  const { recoveryCrashes } = sweep('JournaledMemory', journalTrial, options);
  expect(recoveryCrashes).toBeGreaterThan(100);
});

type Open = (disk: RecordingDisk) => JournaledMemory;

/** Sweeps one run whose memories are opened otherwise than they should be. */
function sweepWith(seed: number, openToRun: Open, openAfterCrash: Open): void {
  const trial = journalTrial(seed, openToRun, openAfterCrash);
  checkCrashes(trial, { seed, powerLosses: 6, recoveryEvery: Infinity });
}

/** Opens a journal of which one check is sure to pass. */
const trusting =
  (check: 'checksum' | 'generation'): Open =>
  (disk) => {
    const journal = disk.open('journal');
    trustingJournal(journal, check);
    return openOver(disk.open('image'), journal);
  };

describe('the sweep finds out', () => {
  test('a journal that is not synced', () => {
    const open: Open = (disk) => openOver(disk.open('image'), withoutSyncs(disk.open('journal')));
    expect(() => sweepWith(1, open, openJournaled)).toThrow(/not recovered .* power loss/);
  });

  test('an image that is not synced before the journal begins anew', () => {
    const open: Open = (disk) => openOver(withoutSyncs(disk.open('image')), disk.open('journal'));
    expect(() => sweepWith(1, open, openJournaled)).toThrow(/not recovered .* power loss/);
  });

  test('a recovery that takes a torn record for a whole one', () => {
    expect(() => sweepWith(1, openJournaled, trusting('checksum'))).toThrow(/not recovered/);
  });

  test('a recovery that takes a record of an older generation for a new one', () => {
    expect(() => sweepWith(6, openJournaled, trusting('generation'))).toThrow(/not recovered/);
  });
});
