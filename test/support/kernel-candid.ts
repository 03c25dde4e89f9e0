/** The kernel's Candid over a host of its own, for tests of its parts. */
import type { IDL } from '@dfinity/candid';
import { codecOn, type KernelCodec } from '../../src/lib/candid/kernel-codec.js';
import { Tape } from '../../src/lib/candid/kernel-tape.js';
import { describeTypes } from '../../src/lib/candid/type.js';
import { Kernel } from '../../src/lib/kernel-client.js';
import { FakeAzle } from './fake-azle.js';
import { KernelHost } from './kernel-host.js';

export class KernelCandid {
  readonly tape: Tape;

  constructor(
    readonly host: KernelHost,
    slotCount?: number,
  ) {
    this.tape = new Tape(new Kernel(new FakeAzle(host)), slotCount);
  }

  /** With a tape that is too short for almost everything. */
  static async create(): Promise<KernelCandid> {
    return new KernelCandid(await KernelHost.create(), 1);
  }

  /** The codec for types that the kernel knows. */
  codecFor(...types: IDL.Type[]): KernelCodec {
    const codec = this.codecIfKnown(types);
    if (codec === undefined) throw new Error('these types are not for the kernel');
    return codec;
  }

  codecIfKnown(types: readonly IDL.Type[]): KernelCodec | undefined {
    return codecOn(this.tape, describeTypes(types));
  }
}
