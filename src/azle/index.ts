/**
 * Azle's decorators for methods with arguments, at a fraction of the cost: the same names, the
 * same parameters, the same `.did`. Change one import and nothing else:
 *
 *     import { IDL } from 'azle';
 *     import { query, update } from 'stable-structures/azle';
 *
 * Azle decodes arguments and encodes results by walking their types anew for each call, in
 * interpreted JavaScript. These use codecs that are compiled once per method.
 */
import * as azle from 'azle';
import { inspecting, replying, starting } from './decorators.js';

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
