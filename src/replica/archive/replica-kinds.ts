/**
 * The classes whose instances stand in the state of a replica, and what each is written as:
 *
 *     KIND       PARTS
 *     principal  bytes
 *     memory     { size, pages: map of index to page }, in pages of 64 KiB; a page of zeroes has
 *                no entry
 *     clock      { now, roundTime }
 *     randomness the number of times it was asked
 *     code       the fields of an installed code, but for `module` and `instance`; instead of them
 *                `image`, as { heap, globals }
 *
 * Source: own design.
 */
import { Principal } from '@dfinity/principal';

import type { InstalledCode } from '../canister.js';
import { Clock } from '../clock.js';
import type { Host, InstanceImage } from '../host.js';
import { compileUpload } from '../install.js';
import { Randomness } from '../randomness.js';
import { StableMemory } from '../stable-memory.js';
import { StateError } from './state-error.js';
import { kind, type Kind } from './value-format.js';

export function replicaKinds(host: Host, seed: Uint8Array): readonly Kind[] {
  return [
    principal,
    memory,
    clock,
    kind<Randomness, number>({
      name: 'randomness',
      owns: (value) => value instanceof Randomness,
      parts: ({ counter }) => counter,
      make: (counter) => new Randomness(host, seed, counter),
    }),
    kind<InstalledCode, KeptCode>({
      name: 'code',
      owns: (value): value is InstalledCode => 'module' in value && 'instance' in value,
      parts: keptParts,
      make: (parts) => installedAgain(host, parts),
    }),
  ];
}

const principal = kind<Principal, Uint8Array>({
  name: 'principal',
  owns: (value) => value instanceof Principal,
  parts: (value) => value.toUint8Array(),
  make: (bytes) => Principal.fromUint8Array(bytes),
});

const memory = kind<StableMemory, { size: number; pages: Map<number, Uint8Array> }>({
  name: 'memory',
  owns: (value) => value instanceof StableMemory,
  parts: (value) => ({ size: value.size, pages: sparsePages(value) }),
  make: ({ size, pages }) => StableMemory.empty.with(size, pages),
});

const clock = kind<Clock, { now: bigint; roundTime: bigint }>({
  name: 'clock',
  owns: (value) => value instanceof Clock,
  parts: ({ now, roundTime }) => ({ now, roundTime }),
  make: ({ now, roundTime }) => new Clock(now, roundTime),
});

/**
 * Modules and instances live in the machine. What is kept is what they were made from: the upload,
 * and the image of the instance.
 */
type KeptCode = Omit<InstalledCode, 'module' | 'instance'> & { readonly image: InstanceImage };

function keptParts(code: InstalledCode): KeptCode {
  const fields = Object.entries(code).filter(([name]) => name !== 'module' && name !== 'instance');
  const rest = Object.fromEntries(fields) as Omit<KeptCode, 'image'>;
  return { ...rest, image: code.instance.image() };
}

function installedAgain(host: Host, { image, ...rest }: KeptCode): InstalledCode {
  const module = compileUpload(host, rest.wasm);
  if ('invalid' in module) throw unusable(module.invalid);
  const instance = module.instantiate();
  if ('errorCode' in instance) throw unusable(instance.text);
  const problem = instance.restore(image);
  if (problem !== undefined) throw unusable(problem);
  instance.commit();
  return { ...rest, module, instance };
}

function unusable(why: string): StateError {
  const text = `the state has a module that this replica does not run: ${why}`;
  return new StateError('DAMAGED', text);
}

/** The pages that are not all zeroes. */
function sparsePages(value: StableMemory): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>();
  for (let index = 0; index < value.size; index++) {
    const page = value.page(index);
    if (page !== undefined && !isZero(page)) pages.set(index, page);
  }
  return pages;
}

function isZero(page: Uint8Array): boolean {
  for (const byte of page) if (byte !== 0) return false;
  return true;
}
