/**
 * An allocator that allocates nothing and has no stack. What it is for are its blocks: a start and
 * a length with the type of a block, for code that takes blocks where somebody else keeps the
 * bytes. Whoever needs only a start and a length takes a `BStackRange`.
 *
 *     OPERATION                                       ANSWER
 *     restore                                         a block with this start and length
 *     dealloc, deallocBulk                            the blocks are consumed, nothing else happens
 *     alloc, realloc, allocBulk                       UNSUPPORTED_OPERATION
 *     stack, length, isEmpty, intoStack               UNSUPPORTED_OPERATION
 *     read, write and the like of one of its blocks   UNSUPPORTED_OPERATION
 *
 * (The original panics where there is no stack.) There is one for the whole program. It calls no
 * stack, so no crash matters to it.
 *
 * Source: `specs/bstack.md` section 3.7.
 */
import type { BStack } from '../bstack.js';
import { StorageError } from '../errors.js';
import { BStackAllocator } from './allocator.js';

let only: ManualAllocator | undefined;

/**
 * Blocks without a stack.
 *
 * @example
 * const block = ManualAllocator.get().restore({ start: 48, length: 100 });
 * block.end; // 148
 */
export class ManualAllocator extends BStackAllocator {
  private constructor() {
    super(undefined);
  }

  /** The one manual allocator. O(1). */
  static get(): ManualAllocator {
    only ??= new ManualAllocator();
    return only;
  }

  /** Throws `UNSUPPORTED_OPERATION`: there is none. */
  override get stack(): BStack {
    throw unsupported('has no stack');
  }

  checkInvariants(): string | undefined {
    return undefined;
  }

  protected allocate(): number {
    throw unsupported('allocates nothing');
  }

  protected reallocate(): number {
    throw unsupported('moves nothing');
  }

  protected release(): void {
    // Whoever keeps the bytes knows what is free.
  }

  protected assertPlausible(): void {
    // Without a stack every range is as good as another.
  }

  protected override allocateAll(): number[] {
    return [this.allocate()];
  }
}

function unsupported(why: string): StorageError {
  return new StorageError(
    'UNSUPPORTED_OPERATION',
    `a ManualAllocator ${why}. Use it for starts and lengths alone, or open another allocator.`,
  );
}
