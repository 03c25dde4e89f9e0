/**
 * Random Candid types, each with random values of it, for properties that compare with an `IDL`.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import * as fc from 'fast-check';
import { anyBytes } from './arbitraries.js';

/** A type and the values that it has. */
export interface Sample {
  readonly type: IDL.Type;
  readonly values: fc.Arbitrary<unknown>;
}

const sample = (type: IDL.Type, values: fc.Arbitrary<unknown>): Sample => ({ type, values });

const whole = (type: IDL.Type, min: number, max: number): Sample =>
  sample(type, fc.integer({ min, max }));

const large = (type: IDL.Type, min: bigint, max: bigint): Sample =>
  sample(type, fc.bigInt({ min, max }));

/**
 * The list of an `IDL`, but careful: that one reads the elements of any list as the integers that it
 * expects, whatever they are, and takes fewer bytes for all of them.
 */
class CarefulVec extends IDL.VecClass<unknown> {
  override decodeValue(pipe: never, type: IDL.Type): unknown[] {
    const element = this._type.name;
    const wire = (type as IDL.RecClass).getType?.() as { _type?: IDL.Type } | undefined;
    if (/^(nat|int)\d/.test(element) && wire?._type !== undefined && wire._type.name !== element) {
      const count = IDL.Nat.decodeValue(pipe, IDL.Nat);
      if (count > 0n) throw new Error('another type of elements');
      return super.decodeValue(EMPTY_LIST() as never, type) as unknown[];
    }
    return super.decodeValue(pipe, type) as unknown[];
  }
}

/** A reader of a list that has no elements. */
const EMPTY_LIST = () => ({ readUint8: () => 0, read: () => new Uint8Array(0), byteLength: 1 });

export const principals = anyBytes(29).map((bytes) => Principal.fromUint8Array(bytes));

/** A reader of `@dfinity/candid` drops a byte order mark. */
const texts = fc.string({ unit: 'binary', maxLength: 9 }).filter((text) => !/^\ufeff/.test(text));

const PRIMITIVES: readonly Sample[] = [
  sample(IDL.Null, fc.constant(null)),
  sample(IDL.Bool, fc.boolean()),
  sample(
    IDL.Nat,
    fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 2n ** 90n })),
  ),
  sample(IDL.Int, fc.oneof(fc.bigInt({ min: -300n, max: 300n }), fc.bigInt())),
  whole(IDL.Nat8, 0, 2 ** 8 - 1),
  whole(IDL.Nat16, 0, 2 ** 16 - 1),
  whole(IDL.Nat32, 0, 2 ** 32 - 1),
  large(IDL.Nat64, 0n, 2n ** 64n - 1n),
  whole(IDL.Int8, -(2 ** 7), 2 ** 7 - 1),
  whole(IDL.Int16, -(2 ** 15), 2 ** 15 - 1),
  whole(IDL.Int32, -(2 ** 31), 2 ** 31 - 1),
  large(IDL.Int64, -(2n ** 63n), 2n ** 63n - 1n),
  sample(IDL.Float32, fc.float()),
  sample(IDL.Float64, fc.double()),
  sample(IDL.Text, texts),
  sample(IDL.Reserved, fc.constant(null)),
  sample(IDL.Principal, principals),
];

const LABELS = ['name', 'age', '_0_', '_1_', '_7_', '_0x10_', 'größe', 'toString'];
const labels = fc.constantFrom(...LABELS);

const fieldsOf = <Each extends Sample>(types: fc.Arbitrary<Each>, minKeys: number) =>
  fc.dictionary(labels, types, { minKeys, maxKeys: 4, noNullPrototype: true });

const mapFields = <From, To>(fields: Record<string, From>, to: (from: From) => To) =>
  Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, to(each)]));

function record(fields: Record<string, Sample>): Sample {
  return sample(
    IDL.Record(mapFields(fields, ({ type }) => type)),
    fc.record(
      mapFields(fields, ({ values }) => values),
      { noNullPrototype: true },
    ),
  );
}

function variant(fields: Record<string, Sample>): Sample {
  const cases = Object.entries(fields).map(([name, { values }]) =>
    values.map((value) => ({ [name]: value })),
  );
  return sample(IDL.Variant(mapFields(fields, ({ type }) => type)), fc.oneof(...cases));
}

function tuple(elements: readonly Sample[]): Sample {
  return sample(
    IDL.Tuple(...elements.map(({ type }) => type)),
    fc.tuple(...elements.map(({ values }) => values)),
  );
}

const opt = ({ type, values }: Sample): Sample =>
  sample(
    IDL.Opt(type),
    fc.oneof(
      fc.constant([]),
      values.map((value) => [value]),
    ),
  );

const vec = ({ type, values }: Sample): Sample =>
  sample(new CarefulVec(type), fc.array(values, { maxLength: 4 }));

/** A list: an opt of a record with its own type in it. */
function list({ type, values }: Sample): Sample {
  const rec = IDL.Rec();
  rec.fill(IDL.Opt(IDL.Record({ head: type, tail: rec })));
  const { whole } = fc.letrec((tie) => ({
    whole: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.record({ head: values, tail: tie('whole') }, { noNullPrototype: true }).map((it) => [it]),
    ),
  }));
  return sample(rec, whole!);
}

/** A tree: a variant that is entered by two recursive types. */
function tree({ type, values }: Sample): Sample {
  const node = IDL.Rec();
  const children = IDL.Rec();
  children.fill(new CarefulVec(node));
  node.fill(IDL.Variant({ leaf: type, children }));
  const { whole } = fc.letrec((tie) => ({
    whole: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      values.map((leaf) => ({ leaf })),
      fc.array(tie('whole'), { maxLength: 3 }).map((each) => ({ children: each })),
    ),
  }));
  return sample(node, whole!);
}

const annotations = fc.constantFrom<string[]>([], ['query'], ['oneway'], ['composite_query']);

/** The constructor wants lists that are not empty, and takes others as well. */
const typesOf = (all: readonly Sample[]) => all.map(({ type }) => type) as [IDL.Type];

const func = (args: readonly Sample[], results: readonly Sample[], notes: string[]): Sample =>
  sample(new IDL.FuncClass(typesOf(args), typesOf(results), notes), fc.tuple(principals, texts));

const service = (methods: Record<string, Sample>): Sample =>
  sample(new IDL.ServiceClass(mapFields(methods, ({ type }) => type as IDL.FuncClass)), principals);

const { any } = fc.letrec<{ any: Sample; func: Sample; fields: Record<string, Sample> }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: fc.constantFrom(...PRIMITIVES) },
    { weight: 2, arbitrary: tie('any').map(opt) },
    { weight: 2, arbitrary: tie('any').map(vec) },
    { weight: 3, arbitrary: fieldsOf(tie('any'), 0).map(record) },
    { weight: 2, arbitrary: fieldsOf(tie('any'), 1).map(variant) },
    { weight: 1, arbitrary: fc.array(tie('any'), { maxLength: 3 }).map(tuple) },
    { weight: 1, arbitrary: tie('any').map((each) => tuple([each, opt(each), each])) },
    { weight: 1, arbitrary: tie('any').map(list) },
    { weight: 1, arbitrary: tie('any').map(tree) },
    { weight: 1, arbitrary: tie('func') },
    {
      weight: 1,
      arbitrary: fc.dictionary(labels, tie('func'), { maxKeys: 2 }).map(service),
    },
  ),
  func: fc
    .tuple(
      fc.array(tie('any'), { maxLength: 2 }),
      fc.array(tie('any'), { maxLength: 2 }),
      annotations,
    )
    .map(([args, results, notes]) => func(args, results, notes)),
  fields: fieldsOf(tie('any'), 0),
}));

/** Any type, with values of it. */
export const samples: fc.Arbitrary<Sample> = any;

/** Types, with a value of each. */
export const typedValues: fc.Arbitrary<{ types: IDL.Type[]; values: unknown[] }> = fc
  .array(samples, { maxLength: 3 })
  .chain((all) =>
    fc
      .tuple(...all.map(({ values }) => values))
      .map((values) => ({ types: all.map(({ type }) => type), values })),
  );

/** A value with its type, and another type that it may be read by. */
interface Related extends Sample {
  readonly expected: IDL.Type;
}

const relate = ({ type, values }: Sample, expected: IDL.Type): Related => ({
  type,
  values,
  expected,
});

function relateFields(
  fields: Record<string, Related>,
  removed: readonly string[],
  added: Record<string, IDL.Type>,
): Record<string, IDL.Type> {
  const kept = Object.entries(fields).filter(([name]) => !removed.includes(name));
  return { ...Object.fromEntries(kept.map(([name, each]) => [name, each.expected])), ...added };
}

/** What a later version of an interface may add, and what it may not. */
const additions = fc.dictionary(
  fc.constantFrom('later', '_2_', 'name'),
  fc.constantFrom<IDL.Type>(IDL.Opt(IDL.Text), IDL.Reserved, IDL.Null, IDL.Text, IDL.Opt(IDL.Nat)),
  { maxKeys: 2, noNullPrototype: true },
);

const removals = fc.array(labels, { maxLength: 2 });

const { related } = fc.letrec<{ related: Related }>((tie) => ({
  related: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    {
      weight: 4,
      arbitrary: fc.constantFrom(...PRIMITIVES).map((each) => relate(each, each.type)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...PRIMITIVES), fc.constantFrom(...PRIMITIVES))
        .map(([one, other]) => relate(one, other.type)),
    },
    { weight: 1, arbitrary: tie('related').map((each) => relate(each, IDL.Reserved)) },
    { weight: 2, arbitrary: tie('related').map((each) => relate(each, IDL.Opt(each.expected))) },
    {
      weight: 2,
      arbitrary: tie('related').map((each) => relate(opt(each), IDL.Opt(each.expected))),
    },
    {
      weight: 2,
      arbitrary: tie('related').map((each) => relate(vec(each), new CarefulVec(each.expected))),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fieldsOf(tie('related'), 0), removals, additions)
        .map(([fields, removed, added]) =>
          relate(record(fields), IDL.Record(relateFields(fields, removed, added))),
        ),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fieldsOf(tie('related'), 1), removals, additions)
        .map(([fields, removed, added]) =>
          relate(variant(fields), IDL.Variant(relateFields(fields, removed, added))),
        ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.array(tie('related'), { maxLength: 3 }), fc.nat(3))
        .map(([all, kept]) =>
          relate(tuple(all), IDL.Tuple(...all.slice(0, kept).map(({ expected }) => expected))),
        ),
    },
    { weight: 1, arbitrary: tie('related').map(relatedLists) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.array(tie('related'), { maxLength: 2 }), annotations, annotations)
        .map(([all, notes, others]) => relatedFunctions(all, notes, others)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('related'), samples)
        .map(([each, { type }]) => relate(each, IDL.Opt(type))),
    },
  ),
}));

function relatedLists(each: Related): Related {
  const rec = IDL.Rec();
  rec.fill(IDL.Opt(IDL.Record({ head: IDL.Opt(each.expected), tail: rec, note: IDL.Opt(rec) })));
  return relate(list(each), rec);
}

function relatedFunctions(all: readonly Related[], notes: string[], others: string[]): Related {
  const expected = all.map((each) => each.expected) as [IDL.Type];
  return relate(
    service({ get: func([], all, notes), put: func(all, [], []) }),
    new IDL.ServiceClass({ get: new IDL.FuncClass([], expected, others) }),
  );
}

/** Messages, and types that were made from theirs as interfaces change. */
export const relatedTypes: fc.Arbitrary<{
  types: IDL.Type[];
  values: unknown[];
  expected: IDL.Type[];
}> = fc
  .tuple(fc.array(related, { maxLength: 2 }), fc.array(samples, { maxLength: 1 }))
  .chain(([all, more]) =>
    fc.tuple(...[...all, ...more].map(({ values }) => values)).map((values) => ({
      types: [...all, ...more].map(({ type }) => type),
      values,
      expected: all.map(({ expected }) => expected),
    })),
  );
