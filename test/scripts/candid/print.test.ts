import { expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import { printInterface } from '../../../scripts/candid/print.js';

test('types with a name are defined once and used by it; reserved words are quoted', () => {
  const Point = IDL.Record({ y: IDL.Int, x: IDL.Int });
  const Shape = IDL.Variant({ text: IDL.Null, path: IDL.Vec(Point) });
  const service = IDL.Service({
    draw: IDL.Func([IDL.Opt(Shape), IDL.Vec(IDL.Nat8)], [IDL.Record({ ok: IDL.Bool })], []),
    all: IDL.Func([], [IDL.Vec(Shape)], ['query']),
  });
  expect(printInterface(service, { Point, Shape })).toBe(`type Point = record {
  x : int;
  y : int;
};

type Shape = variant {
  path : vec Point;
  "text";
};

service : {
  all : () -> (vec Shape) query;
  draw : (opt Shape, blob) -> (record { ok : bool });
}
`);
});
