import { IDL } from '@dfinity/candid';
import { expect, test } from '@jest/globals';

import { interfaceText } from '../../../src/replica/system-canisters/interface-text.js';
import { query, update } from '../../../src/replica/system-canisters/system-canister.js';

test('an interface has each method with its types, and says which are queries', () => {
  const pairs = IDL.Vec(IDL.Tuple(IDL.Text, IDL.Nat));
  const methods = {
    names: query([], pairs, () => []),
    rename: update([IDL.Record({ from: IDL.Text })], IDL.Bool, () => [true]),
  };
  expect(interfaceText(methods)).toBe(
    [
      'service : {',
      '  names : () -> (vec record {text; nat}) query;',
      '  rename : (record {from:text}) -> (bool);',
      '}',
      '',
    ].join('\n'),
  );
});
