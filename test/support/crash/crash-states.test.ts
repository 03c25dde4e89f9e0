/** The harness itself: a crash test that never fails proves nothing. */
import { describe, expect, test } from '@jest/globals';
import { describeStorage } from '../storage-conformance.js';
import { checkCrashes, type CrashTrial } from './check-crashes.js';
import { crashStates } from './crash-states.js';
import { RecordingDisk } from './recording-disk.js';

describeStorage('a file on a recording disk', () => new RecordingDisk().open());

const of = (...bytes: number[]) => Uint8Array.from(bytes);

describe('the states that a crash leaves', () => {
  test('are every prefix, after a crash of the process', () => {
    const disk = new RecordingDisk();
    const file = disk.open('a');
    file.write(0, of(1));
    file.write(1, of(2));
    file.setLength(1);
    const images = [...crashStates(new Map(), disk.events, { powerLosses: 0 })].map(({ image }) =>
      [...(image.get('a') ?? [])].join(),
    );
    expect(images).toEqual(['', '1', '1,2', '1']);
  });

  test('have the last write cut at each multiple of 256 and 512 bytes of the file', () => {
    const disk = new RecordingDisk(new Map([['file', new Uint8Array(100)]]));
    disk.open().write(100, new Uint8Array(700).fill(1));
    const states = [...crashStates(new Map([['file', new Uint8Array(100)]]), disk.events)];
    const torn = states.filter(({ name }) => name.includes('torn'));
    expect(torn.map(({ image }) => image.get('file')!.length)).toEqual([256, 512, 768]);
    expect(torn.map(({ events }) => events)).toEqual([0, 0, 0]);
  });

  test('after a power loss have all that was synced, and any part of the rest', () => {
    const disk = new RecordingDisk();
    const file = disk.open();
    file.write(0, of(1));
    file.sync();
    file.write(1, of(2));
    file.write(0, of(3));
    const losses = [...crashStates(new Map(), disk.events, { powerLosses: 40 })].filter(
      ({ name, events }) => name.startsWith('power') && events === 4,
    );
    const images = new Set(losses.map(({ image }) => [...image.get('file')!].join()));
    expect([...images].sort()).toEqual(['1', '1,2', '3', '3,2']);
  });

  test('after a power loss have what one file synced, whatever became of the other', () => {
    const disk = new RecordingDisk();
    disk.open('a').write(0, of(1));
    disk.open('b').write(0, of(2));
    disk.open('b').sync();
    const losses = [...crashStates(new Map(), disk.events, { powerLosses: 40 })].filter(
      ({ name, events }) => name.startsWith('power') && events === 3,
    );
    expect(losses.every(({ image }) => image.get('b')?.[0] === 2)).toBe(true);
    expect(new Set(losses.map(({ image }) => image.has('a'))).size).toBe(2);
  });

  test('are the same for the same seed', () => {
    const disk = new RecordingDisk();
    for (let at = 0; at < 9; at++) disk.open().write(at, of(at));
    const sweep = (seed: number) =>
      [...crashStates(new Map(), disk.events, { seed })].map(({ image }) => [...image]);
    expect(sweep(7)).toEqual(sweep(7));
    expect(sweep(7)).not.toEqual(sweep(8));
  });
});

/** A counter of two bytes that must always be equal: right only where the disk is kind. */
function counter(syncs: boolean): CrashTrial<number[]> {
  return {
    run(disk, stepDone) {
      const file = disk.open();
      file.write(0, new Uint8Array(600));
      file.sync();
      stepDone();
      for (let step = 1; step < 5; step++) {
        file.write(0, of(step));
        file.write(599, of(step));
        if (syncs) file.sync();
        stepDone();
      }
    },
    reopen(disk) {
      const bytes = new Uint8Array(600);
      if (disk.open().length() === 600) disk.open().read(0, bytes);
      return [bytes[0]!, bytes[599]!];
    },
    check([first, last], step) {
      if (first !== last) throw new Error(`${first} and ${last} within ${step}`);
    },
  };
}

test('a structure that is not crash safe is found out', () => {
  expect(() => checkCrashes(counter(true))).toThrow(/not recovered within step 1: process crash/);
  expect(() => checkCrashes(counter(false))).toThrow(/not recovered/);
});

test('a step counts as done once its last event is', () => {
  const steps: number[] = [];
  const trial: CrashTrial<undefined> = {
    run(disk, stepDone) {
      for (let step = 0; step < 2; step++) {
        disk.open().write(step, of(1));
        disk.open().sync();
        stepDone();
      }
    },
    reopen: () => undefined,
    check: (_, step) => steps.push(step),
  };
  expect(checkCrashes(trial, { powerLosses: 0 })).toEqual({ crashes: 5, recoveryCrashes: 0 });
  expect(steps).toEqual([0, 0, 1, 1, 2]);
});

test('the recovery is crashed as well', () => {
  let reopened = 0;
  const trial: CrashTrial<undefined> = {
    run: (disk) => disk.open().write(0, of(1)),
    reopen(disk) {
      reopened += 1;
      disk.open().write(1 - (disk.open().length() === 0 ? 1 : 0), of(2));
      return undefined;
    },
    check: () => undefined,
  };
  const count = checkCrashes(trial, { powerLosses: 0, recoveryEvery: 1 });
  expect(count).toEqual({ crashes: 2, recoveryCrashes: 4 });
  expect(reopened).toBe(6);
});

test('a disk breaks where it is told to, in the middle of a write, between two blocks', () => {
  const disk = new RecordingDisk();
  disk.failAfter(1);
  disk.open().write(0, of(1));
  expect(() => disk.open().write(1, new Uint8Array(700).fill(2))).toThrow('IO_FAILED');
  expect(disk.image().get('file')!.length).toBe(256);
  expect(() => disk.open().write(1, of(3, 3))).toThrow('IO_FAILED');
  expect([...disk.image().get('file')!.subarray(0, 3)]).toEqual([1, 2, 2]);
  disk.relent();
  disk.open().sync();
  expect(disk.syncs).toBe(1);
});
