/**
 * Azle's decorators with our callbacks, on a fake Azle. That the real one takes them, and words its
 * traps in the same way, is seen in `test/acceptance/methods.test.ts`.
 */
import { IDL } from '@dfinity/candid';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { inspecting, replying, starting } from '../../src/azle/decorators.js';
import { FakeAzleMethods, Trap } from '../support/fake-azle-methods.js';

type Decorate = (...parameters: unknown[]) => (method: unknown, context: never) => void;

let azle: FakeAzleMethods;
let query: Decorate;
let init: Decorate;
let inspectMessage: Decorate;

beforeEach(() => {
  azle = new FakeAzleMethods();
  query = replying(azle.decorator('queries')) as Decorate;
  init = starting(azle.decorator('init')) as Decorate;
  inspectMessage = inspecting(azle.decorator('inspect_message')) as Decorate;
});

/** A class with this one method, decorated. */
function canister(
  decorator: unknown,
  method: (...values: never[]) => unknown,
  name = 'method',
): new () => object {
  const initializers: (() => void)[] = [];
  const context = {
    kind: 'method',
    name,
    metadata: {},
    addInitializer: (initializer: () => void) => void initializers.push(initializer),
  };
  (decorator as Decorate)(method, context);
  return class {
    constructor() {
      for (const initializer of initializers) initializer.call(this);
    }
  };
}

function encode(types: IDL.Type[], ...values: unknown[]): Uint8Array {
  return IDL.encode(types, values as never);
}

describe('a method', () => {
  test('gets its arguments decoded, and its result is the reply', async () => {
    const repeat = (text: string, count: number): string => text.repeat(count);
    azle.install(canister(query([IDL.Text, IDL.Nat8], IDL.Text), repeat));
    const { reply } = await azle.call('method', encode([IDL.Text, IDL.Nat8], 'ab', 3));
    expect(reply).toEqual(encode([IDL.Text], 'ababab'));
  });

  test('without a result replies with no values', async () => {
    azle.install(canister(query([], undefined), () => undefined));
    expect(await azle.call('method', encode([]))).toEqual({ reply: encode([]) });
  });

  test('may be decorated without parentheses', async () => {
    azle.install(canister(query, () => undefined));
    expect(await azle.call('method', encode([]))).toEqual({ reply: encode([]) });
    expect(azle.decorated).toHaveLength(1);
  });

  test('has `this`', async () => {
    class Counter extends canister(query([], IDL.Nat8), function (this: { count: number }) {
      return this.count;
    } as never) {
      count = 7;
    }
    azle.install(Counter);
    expect((await azle.call('method', encode([]))).reply).toEqual(encode([IDL.Nat8], 7));
  });

  test('that is async replies when it is done', async () => {
    const later = async (text: string): Promise<string> => (await Promise.resolve(), `${text}!`);
    azle.install(canister(query([IDL.Text], IDL.Text), later));
    const { reply } = await azle.call('method', encode([IDL.Text], 'done'));
    expect(reply).toEqual(encode([IDL.Text], 'done!'));
  });

  test.each([
    ['at once', () => 'x'],
    ['later', async () => 'x'],
  ])('that ends %s replies after all that it has queued', async (_, method) => {
    azle.install(canister(query([], IDL.Text), method));
    await azle.call('method', encode([]));
    expect(azle.calls).toEqual(['drainMicrotasks', 'msgReply']);
  });

  test('that is manual gets nothing, and nothing replies for it', async () => {
    const given: unknown[] = [];
    const manual = (...values: unknown[]): string => (given.push(values), 'ignored');
    azle.install(canister(query([IDL.Text], IDL.Text, { manual: true }), manual));
    expect(await azle.call('method', encode([IDL.Text], 'x'))).toEqual({});
    expect(given).toEqual([[]]);
  });

  test('is known to Azle with its types and options', () => {
    const parameters = [[IDL.Text], IDL.Text, { composite: true, hidden: true }];
    azle.install(canister(query(...parameters), () => 'x'));
    expect(azle.decorated).toEqual([parameters]);
  });
});

describe('an error traps in the words of Azle', () => {
  const reply = (): unknown => query([IDL.Text], IDL.Text);

  test.each<[string, (text: string) => unknown]>([
    ['thrown', (text) => throwing(new RangeError(text))],
    ['thrown later', async (text) => throwing(new RangeError(text))],
  ])('%s', async (_, method) => {
    azle.install(canister(reply(), method));
    const trap = await trapOf(azle.call('method', encode([IDL.Text], 'no')));
    expect(trap).toMatch(/^Uncaught RangeError: no\nRangeError: no\n {4}at /);
  });

  test('that is no Error', async () => {
    azle.install(canister(reply(), () => throwing('nothing but a text')));
    const trap = await trapOf(azle.call('method', encode([IDL.Text], '')));
    expect(trap).toMatch(/^Uncaught: nothing but a text\n/);
  });

  test('that is nothing at all', async () => {
    azle.install(canister(reply(), () => throwing(undefined)));
    expect(await trapOf(azle.call('method', encode([IDL.Text], '')))).toMatch(/^Uncaught: \n/);
  });

  test.each([
    ['no Candid', Uint8Array.of(1, 2, 3)],
    ['another type', encode([IDL.Nat8], 7)],
    ['too few arguments', encode([])],
  ])('for an argument that is %s, and the method does not run', async (_, argument) => {
    let runs = 0;
    azle.install(canister(reply(), () => `${runs++}`));
    const trap = await trapOf(azle.call('method', argument));
    expect(trap).toMatch(/^Uncaught Error: Failed to decode Candid bytes: \w*Error: /);
    expect(runs).toBe(0);
  });

  test.each([
    ['of another type', () => 7],
    ['that is missing', () => undefined],
  ])('for a result %s', async (_, method) => {
    azle.install(canister(reply(), method));
    const trap = await trapOf(azle.call('method', encode([IDL.Text], '')));
    expect(trap).toMatch(/^Uncaught Error: Failed to encode Candid arguments: \w*Error: /);
  });

  test('but the cleanup of a call that trapped just ends', async () => {
    const cleanup = {
      type: 'CleanupCallback',
      rejectCode: 10_001,
      rejectMessage: 'executing within cleanup callback',
    };
    azle.install(canister(reply(), async () => throwing(cleanup)));
    expect(await azle.call('method', encode([IDL.Text], ''))).toEqual({});
  });
});

describe('init', () => {
  test('gets its arguments decoded, and replies nothing', async () => {
    const given: unknown[] = [];
    azle.install(canister(init([IDL.Nat8]), (count: number) => given.push(count)));
    expect(await azle.call('method', encode([IDL.Nat8], 7))).toEqual({});
    expect(given).toEqual([7]);
  });

  test('that is manual gets nothing', async () => {
    const given: unknown[] = [];
    azle.install(canister(init([IDL.Nat8], { manual: true }), (...all) => given.push(...all)));
    await azle.call('method', encode([IDL.Nat8], 7));
    expect(given).toEqual([]);
  });
});

describe('inspectMessage', () => {
  test.each([true, false, 1])('accepts where the method says true: %s', async (answer) => {
    azle.install(canister(inspectMessage({ manual: true }), () => answer));
    expect(await azle.call('method')).toEqual(answer === true ? { accepted: true } : {});
  });

  test('gets the name of the method, and its arguments', async () => {
    const given: unknown[] = [];
    const inspect = (...values: unknown[]): boolean => (given.push(values), true);
    azle.install(canister(inspectMessage, inspect, 'inspect'));
    azle.install(canister(query([IDL.Text], IDL.Text), () => ''));
    const argument = encode([IDL.Text], 'x');
    expect(await azle.call('inspect', argument, 'method')).toEqual({ accepted: true });
    expect(given).toEqual([['method', 'x']]);
  });

  test("leaves to Azle's what is asked of a method that is not ours", async () => {
    azle.install(canister(inspectMessage(), () => true));
    await azle.call('method', encode([]), '_azle_heap_allocation');
    expect(azle.calls).toEqual(["azle's method"]);
  });
});

describe("Azle's callback stays", () => {
  test('in a class that is not the canister', () => {
    const other = canister(query([], IDL.Text), () => 'x');
    Object.assign(globalThis, { _azleIc: azle });
    expect(() => new other()).not.toThrow();
    Object.assign(globalThis, { _azleIc: undefined });
  });

  test('where there are no system calls', async () => {
    const ours = canister(query([], IDL.Text), () => 'x');
    Object.assign(ours, { _azleCanisterClassMeta: azle.meta });
    new ours();
    await azle.call('method', encode([]));
    expect(azle.calls).toEqual(["azle's method"]);
  });
});

function throwing(thrown: unknown): never {
  throw thrown;
}

/** The message of the trap that a call ends with. */
async function trapOf(call: Promise<unknown>): Promise<string> {
  const ended = await call.catch((thrown: unknown) => thrown);
  expect(ended).toBeInstanceOf(Trap);
  return (ended as Trap).message;
}
