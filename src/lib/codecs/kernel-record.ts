/**
 * Records in a canister: the kernel takes their bytes apart and puts them together, and JavaScript
 * loads and stores one number for each field. All texts of a record cross in one call. What is not
 * certain to the kernel is left to `record-reader.ts` and `record-writer.ts`.
 *
 * Source: `src/kernel/assembly/record/operations.ts`.
 */
import { ARGUMENT_LIMIT, kernel, type Kernel } from '../kernel-client.js';
import { crossingsOf, planOf } from './kernel-record-plan.js';
import {
  generateFill,
  generateRead,
  type FillSlots,
  type ReadSlots,
} from './kernel-record-source.js';
import type { Field } from './record-field.js';

const PLAN_RECORDS = 63 * ARGUMENT_LIMIT;
const READ_RECORD = 64 * ARGUMENT_LIMIT;
const WRITE_RECORD = 65 * ARGUMENT_LIMIT;

/** A request names a plan and a range: plan * 2^36 + start * 2^18 + length. */
const PLAN_UNIT = 2 ** 36;
const START_UNIT = 2 ** 18;

/** Starts and lengths are below this. */
const RANGE_LIMIT = START_UNIT;

/** What the kernel answers where the texts of a record that it has read are the next reply. */
const DONE_WITH_TEXTS = 2;

/** What the kernel and {@link KernelRecord.write} answer for what is left to TypeScript. */
export const LEFT = 0;

/** How one declaration of a record goes through the kernel. */
export class KernelRecord {
  readonly #kernel: Kernel;
  readonly #hasTexts: boolean;
  readonly #fill: FillSlots;
  readonly #read: ReadSlots;

  /** The only bytes that the kernel reads and writes here. Others go by way of them. */
  readonly staging: Uint8Array;

  /** Kept, because the kernel reads it where it lies. */
  readonly plan: Uint8Array;
  readonly #readRequest: number;
  readonly #writeRequest: number;

  private constructor(
    connected: Kernel,
    fields: readonly Field[],
    number: number,
    plan: Uint8Array,
  ) {
    const { crossings } = crossingsOf(fields);
    this.#kernel = connected;
    this.staging = connected.staging;
    this.plan = plan;
    this.#hasTexts = crossings.some(({ kind }) => kind === 'text');
    this.#fill = generateFill(connected, crossings);
    this.#read = generateRead(connected, crossings);
    this.#readRequest = READ_RECORD + number * PLAN_UNIT;
    this.#writeRequest = WRITE_RECORD + number * PLAN_UNIT;
  }

  /** For these fields; `undefined` outside a canister, and as {@link create}. */
  static of(fields: readonly Field[]): KernelRecord | undefined {
    const connected = kernel();
    return connected === undefined ? undefined : KernelRecord.create(connected, fields);
  }

  /** For these fields; `undefined` where they are too many, or the kernel knows enough plans. */
  static create(connected: Kernel, fields: readonly Field[]): KernelRecord | undefined {
    const { crossings, slotCount } = crossingsOf(fields);
    if (slotCount > connected.slots.length) return undefined;
    const plan = planOf(crossings);
    const number = connected.askWithBytes(PLAN_RECORDS, plan);
    return number < 0 ? undefined : new KernelRecord(connected, fields, number, plan);
  }

  /** Writes a record into the staging area. Returns where it ends, or {@link LEFT}. O(length). */
  write(value: object, offset: number): number {
    try {
      const texts = this.#fill(value, offset);
      if (texts === undefined) return LEFT;
      const request = this.#writeRequest + offset * START_UNIT;
      if (!this.#hasTexts) return this.#kernel.ask(request);
      return this.#kernel.askWithText(request, texts);
    } catch {
      // A value was refused: the codec in TypeScript says in which field.
      return LEFT;
    }
  }

  /**
   * Writes a record into any array. Returns where it ends, -1 where the array has no room for it,
   * or {@link LEFT}. O(length).
   */
  writeTo(value: object, target: Uint8Array, offset: number): number {
    if (target === this.staging) return this.write(value, offset);
    return this.#kernel.withStaging(() => this.#writeAside(value, target, offset)) ?? LEFT;
  }

  /** Reads a record of any array; `undefined` where it is left to TypeScript. O(length). */
  readFrom(bytes: Uint8Array, start: number, end: number): Record<string, unknown> | undefined {
    if (bytes === this.staging) return this.read(start, end);
    if (end < RANGE_LIMIT) return this.#readIn(bytes, start, end - start);
    const length = end - start;
    return length < RANGE_LIMIT ? this.#readIn(bytes.subarray(start, end), 0, length) : undefined;
  }

  /** Reads a record of the staging area; `undefined` where it is left to TypeScript. O(length). */
  read(start: number, end: number): Record<string, unknown> | undefined {
    const { staging } = this;
    const request = this.#readRequest + start * START_UNIT + end - start;
    if (!this.#hasTexts) {
      return this.#kernel.ask(request) === 0 ? undefined : this.#read('', staging);
    }
    const texts = this.#kernel.askForText(request);
    return texts === undefined ? undefined : this.#read(texts, staging);
  }

  #writeAside(value: object, target: Uint8Array, offset: number): number {
    const length = this.write(value, 0);
    if (length === LEFT) return LEFT;
    if (offset + length > target.length) return -1;
    target.set(this.staging.subarray(0, length), offset);
    return offset + length;
  }

  #readIn(bytes: Uint8Array, start: number, length: number): Record<string, unknown> | undefined {
    const request = this.#readRequest + start * START_UNIT + length;
    const result = this.#kernel.askWithBytes(request, bytes);
    if (result === LEFT) return undefined;
    return this.#read(result === DONE_WITH_TEXTS ? this.#kernel.takeText() : '', bytes);
  }
}
