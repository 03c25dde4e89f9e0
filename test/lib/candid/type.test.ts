import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import { describeTypes, type IdlType, type RecNode } from '../../../src/lib/candid/type.js';

const describeType = (type: IDL.Type) => describeTypes([type])[0]!;

describe('the description of a type', () => {
  test.each([
    'Null',
    'Bool',
    'Nat',
    'Int',
    'Nat64',
    'Int8',
    'Float32',
    'Text',
    'Reserved',
    'Empty',
  ])('%s is its name', (name) => {
    const type = IDL[name as 'Text'];
    expect(describeType(type)).toEqual({ kind: type.name, name: type.name });
  });

  test('has the fields of a record by their numbers', () => {
    expect(describeType(IDL.Record({ name: IDL.Text, age: IDL.Nat8 }))).toMatchObject({
      kind: 'record',
      fields: [
        { name: 'age', type: { kind: 'nat8' } },
        { name: 'name', id: 1_224_700_491, type: { kind: 'text' } },
      ],
    });
  });

  test('numbers the elements of a tuple', () => {
    expect(describeType(IDL.Tuple(IDL.Text, IDL.Opt(IDL.Nat)))).toMatchObject({
      kind: 'tuple',
      fields: [
        { name: '_0_', id: 0, type: { kind: 'text' } },
        { name: '_1_', id: 1, type: { kind: 'opt', element: { kind: 'nat' } } },
      ],
    });
  });

  test('of a function and a service has what they take and give', () => {
    const get = IDL.Func([IDL.Text], [IDL.Nat], ['query']);
    expect(describeType(IDL.Service({ get }))).toMatchObject({
      kind: 'service',
      methods: [
        {
          name: 'get',
          type: { kind: 'func', args: [{ kind: 'text' }], results: [{ kind: 'nat' }] },
        },
      ],
    });
  });

  test('of a recursive type leads back to itself', () => {
    const list = IDL.Rec();
    list.fill(IDL.Opt(IDL.Tuple(IDL.Nat, list)));
    const node = describeType(list) as RecNode;
    expect(node.type).toMatchObject({ kind: 'opt', element: { fields: [{}, { type: node }] } });
  });

  test('is one for each object', () => {
    const [first, second] = describeTypes([IDL.Vec(IDL.Text), IDL.Vec(IDL.Text)]);
    const vec = IDL.Vec(IDL.Text);
    const [third, fourth] = describeTypes([vec, vec]);
    expect(first).not.toBe(second);
    expect(third).toBe(fourth);
  });

  test.each([
    ['nothing', undefined],
    ['a name', 'text'],
    ['a class', IDL.RecordClass],
    ['what only clients can read', IDL.Unknown],
  ])('is of a type: %s is refused', (_label, type) => {
    expect(() => describeTypes([type as unknown as IdlType])).toThrow(TypeError);
  });

  test('is of a recursive type that was filled', () => {
    expect(() => describeTypes([IDL.Rec()])).toThrow(TypeError);
  });
});
