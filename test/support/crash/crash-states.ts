/**
 * What a crash may leave of a record of events. Three kinds of crash:
 *
 *     process   all that was done up to an event, and nothing after it
 *     torn      as before, but the last write got only as far as a multiple of 256 or 512 bytes
 *     power     of what was done since the last sync of each file any part may be missing; writes
 *               fall into the pieces of 256 bytes that a disk writes as a whole
 *
 * Source: `specs/bstack.md` section 6.6.
 */
import { ATOMIC_BLOCK_SIZE } from '../../../src/lib/storage.js';
import { Chance } from './chance.js';
import type { DiskEvent, DiskImage } from './recording-disk.js';

/** The disk after a crash. */
export interface CrashState {
  /** How it came about, for the message of a test that fails. */
  readonly name: string;
  /** How many events had ended; the one after them may have begun. */
  readonly events: number;
  readonly image: DiskImage;
}

export interface CrashOptions {
  /** A disk tears writes at multiples of these. */
  readonly tornAt?: readonly number[];
  /** How many random power losses there are before each event. */
  readonly powerLosses?: number;
  readonly seed?: number;
  /** Crashes before this event are left out. */
  readonly from?: number;
}

/** All states that a crash may leave, in the order of the events. Images are the caller's. */
export function* crashStates(
  start: DiskImage,
  events: readonly DiskEvent[],
  options: CrashOptions = {},
): Generator<CrashState> {
  const { tornAt = [256, 512], powerLosses = 2, seed = 1, from = 0 } = options;
  const chance = new Chance(seed);
  const visible = new Disk(start);
  const durable = new Disk(start);
  let pending: DiskEvent[] = [];
  for (let index = 0; index <= events.length; index++) {
    const event = events[index];
    if (index >= from) {
      yield { name: `process crash after ${index} events`, events: index, image: visible.copy() };
      for (const torn of tornWrites(event, tornAt)) {
        const disk = new Disk(visible.copy());
        disk.apply(torn);
        const name = `event ${index} torn after ${torn.bytes.length} bytes`;
        yield { name, events: index, image: disk.copy() };
      }
      for (let loss = 0; loss < powerLosses && pending.length > 0; loss++) {
        const disk = new Disk(durable.copy());
        for (const piece of survivors(pending, chance)) disk.apply(piece);
        const name = `power loss ${loss} after ${index} events, seed ${seed}`;
        yield { name, events: index, image: disk.copy() };
      }
    }
    if (event === undefined) return;
    visible.apply(event);
    if (event.kind !== 'sync') pending.push(event);
    else pending = flush(durable, pending, event.file);
  }
}

/** Applies what is pending of a file and gives what is pending of the others. */
function flush(durable: Disk, pending: readonly DiskEvent[], synced: string): DiskEvent[] {
  for (const event of pending) if (event.file === synced) durable.apply(event);
  return pending.filter(({ file }) => file !== synced);
}

type WriteEvent = Extract<DiskEvent, { kind: 'write' }>;

function* tornWrites(event: DiskEvent | undefined, tornAt: readonly number[]) {
  if (event?.kind !== 'write') return;
  const cuts = new Set<number>();
  for (const unit of tornAt) {
    const first = unit - (event.offset % unit);
    for (let cut = first; cut < event.bytes.length; cut += unit) cuts.add(cut);
  }
  for (const cut of cuts) yield { ...event, bytes: event.bytes.subarray(0, cut) };
}

/** A random part of the events, in their order; writes are kept piece by piece. */
function survivors(pending: readonly DiskEvent[], chance: Chance): DiskEvent[] {
  const pieces = pending.flatMap<DiskEvent>((event) =>
    event.kind === 'write' ? piecesOf(event) : event,
  );
  return pieces.filter(() => chance.below(2) === 1);
}

function piecesOf(event: WriteEvent): WriteEvent[] {
  const pieces: WriteEvent[] = [];
  let at = 0;
  while (at < event.bytes.length) {
    const offset = event.offset + at;
    const end = at + ATOMIC_BLOCK_SIZE - (offset % ATOMIC_BLOCK_SIZE);
    pieces.push({ ...event, offset, bytes: event.bytes.subarray(at, end) });
    at = end;
  }
  return pieces;
}

/** Files that grow by themselves where a write that got through lies beyond one that did not. */
class Disk {
  readonly #files: Map<string, Uint8Array>;
  /** Arrays that were handed out or in: they are copied before they are written to. */
  readonly #shared = new Set<Uint8Array>();

  constructor(image: DiskImage) {
    this.#files = new Map(image);
    for (const bytes of this.#files.values()) this.#shared.add(bytes);
  }

  apply(event: DiskEvent): void {
    if (event.kind === 'sync') return;
    if (event.kind === 'setLength') this.#resized(event.file, event.length);
    else this.#write(event);
  }

  copy(): DiskImage {
    for (const bytes of this.#files.values()) this.#shared.add(bytes);
    return new Map(this.#files);
  }

  #write({ file, offset, bytes }: WriteEvent): void {
    const end = offset + bytes.length;
    const length = this.#files.get(file)?.length ?? 0;
    this.#resized(file, Math.max(length, end)).set(bytes, offset);
  }

  /** The file with this length, in an array that nobody else holds. */
  #resized(file: string, length: number): Uint8Array {
    const old = this.#files.get(file) ?? new Uint8Array(0);
    if (old.length === length && !this.#shared.has(old)) return old;
    const resized = new Uint8Array(length);
    resized.set(old.subarray(0, length));
    this.#files.set(file, resized);
    this.#shared.delete(old);
    return resized;
  }
}
