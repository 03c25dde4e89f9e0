/** The arguments of a method over the kernel: what it does not do, TypeScript does. */
import { IDL } from '@dfinity/candid';
import { beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { argumentsBy, type CandidArguments } from '../../../src/lib/candid/arguments.js';
import { describeTypes } from '../../../src/lib/candid/type.js';
import { relatedTypes, typedValues } from '../../support/candid-types.js';
import { toHex } from '../../support/hex.js';
import { KernelCandid } from '../../support/kernel-candid.js';
import { COMPILE_TIMEOUT_MS } from '../../support/kernel-host.js';
import { checkProperty } from '../../support/property.js';

let candid: KernelCandid;

beforeAll(async () => {
  candid = await KernelCandid.create();
}, COMPILE_TIMEOUT_MS);

function overKernel(types: readonly IDL.Type[]): CandidArguments {
  return argumentsBy(candid.codecIfKnown(types), describeTypes(types));
}

/** The values, or the words of the refusal. */
function outcomeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}

test('values of all types are the same with the kernel and without it', () => {
  checkProperty(
    fc.property(typedValues, ({ types, values }) => {
      const codec = overKernel(types);
      const message = IDL.encode(types, values);
      expect(toHex(codec.encode(values))).toBe(toHex(message));
      expect(codec.decode(message)).toEqual(IDL.decode(types, message));
    }),
  );
});

test('messages of other types have the same outcome, in the same words', () => {
  checkProperty(
    fc.property(relatedTypes, ({ types, values, expected }) => {
      const message = IDL.encode(types, values);
      const typescript = argumentsBy(undefined, describeTypes(expected));
      expect(outcomeOf(() => overKernel(expected).decode(message))).toEqual(
        outcomeOf(() => typescript.decode(message)),
      );
    }),
  );
});

test('wrong values and wrong bytes are refused in the same words', () => {
  const types = [IDL.Record({ name: IDL.Text, tags: IDL.Vec(IDL.Text) })];
  const codec = overKernel(types);
  const typescript = argumentsBy(undefined, describeTypes(types));
  for (const values of [[], [{ name: 'Ada' }], [{ name: 'Ada', tags: ['a', 1] }]]) {
    const refusal = outcomeOf(() => typescript.encode(values));
    expect(refusal).toMatch(/^StorageError: INVALID_VALUE/);
    expect(outcomeOf(() => codec.encode(values))).toBe(refusal);
  }
  const message = codec.encode([{ name: 'Ada', tags: [] }]).slice(0, -1);
  const refusal = outcomeOf(() => typescript.decode(message));
  expect(refusal).toMatch(/^StorageError: INVALID_MESSAGE/);
  expect(outcomeOf(() => codec.decode(message))).toBe(refusal);
});

test('a call is taken and replied to by the kernel, where there is one', () => {
  const { host } = candid;
  const codec = overKernel([IDL.Text]);
  host.argument = codec.encode(['Ada']);
  const replyCount = host.replies.length;
  expect(codec.decodeArgument()).toEqual(['Ada']);
  expect(codec.reply(['Ada'])).toBe(true);
  expect(host.replies.length).toBe(replyCount + 1);
  const typescript = argumentsBy(undefined, describeTypes([IDL.Text]));
  expect(typescript.decodeArgument()).toBeUndefined();
  expect(typescript.reply(['Ada'])).toBe(false);
});
