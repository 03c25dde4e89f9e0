/**
 * Azle's decorators for methods with arguments, at a fraction of the cost: the same names, the
 * same parameters, the same `.did`. Change one import and nothing else:
 *
 *     import { IDL } from 'azle';
 *     import { query, update } from 'stable-structures/azle';
 *
 * Azle decodes arguments and encodes results by walking their types anew for each call, in
 * interpreted JavaScript. These use codecs that are compiled once per method.
 *
 * And a courier, which delivers the letters of an `Outbox` in Azle's timers.
 */
import * as azle from 'azle';
import type { Outbox } from '../lib/index.js';
import { Courier, type CourierOptions, type Deliver } from './courier.js';
import { inspecting, replying, starting } from './decorators.js';

export { type Courier, type CourierOptions, type Deliver };

/**
 * As Azle's `@query`, in all of its forms and with all of its options.
 *
 * @example
 * @query([IDL.Text], IDL.Opt(IDL.Nat8))
 * age(name: string): [] | [number] { ... }
 */
export const query: typeof azle.query = replying(azle.query);

/**
 * As Azle's `@update`, in all of its forms and with all of its options. The method may be async.
 *
 * @example
 * @update([IDL.Text, IDL.Nat8], IDL.Bool)
 * register(name: string, age: number): boolean { ... }
 */
export const update: typeof azle.update = replying(azle.update);

/** As Azle's `@init`. */
export const init: typeof azle.init = starting(azle.init);

/** As Azle's `@postUpgrade`. */
export const postUpgrade: typeof azle.postUpgrade = starting(azle.postUpgrade);

/** As Azle's `@inspectMessage`; the method gets the name of what is called, and its arguments. */
export const inspectMessage: typeof azle.inspectMessage = inspecting(azle.inspectMessage);

/**
 * Delivers the letters of an outbox, see `courier.ts`. Arm it in `init`, in `postUpgrade`, and
 * after each `enqueue`. Throws `RangeError` for options that are none.
 *
 * @param deliver Called with each letter that is due; what it throws, or its promise rejects with,
 * is a failed attempt. It should not trap: that undoes the attempt, too.
 *
 * @example
 * const post = courier(outbox, ({ payload, token }) =>
 *   call(ledger, 'transfer', { args: [payload, token], paramIdlTypes: [Transfer, IDL.Nat64] }),
 * );
 * post.arm();
 */
export function courier<P>(
  outbox: Outbox<P>,
  deliver: Deliver<P>,
  options: CourierOptions = {},
): Courier<P> {
  const { time, setTimer, trap } = azle;
  return new Courier(outbox, deliver, options, { time, setTimer, trap });
}
