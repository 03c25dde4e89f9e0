import { expect, test } from '@jest/globals';
import { Column } from '../../../src/lib/s-hash-map/column.js';
import { TableBytes } from '../../support/table-bytes.js';

function numbered(): { bytes: TableBytes; column: Column } {
  const bytes = new TableBytes(20);
  bytes.bytes.set(Array.from({ length: 20 }, (_, index) => index));
  return { bytes, column: new Column(bytes, 5, 2, 7) };
}

test('items are read where they lie', () => {
  const { bytes, column } = numbered();
  expect([...column.read(0, 1)]).toEqual([5, 6]);
  expect([...column.read(2, 3)]).toEqual([9, 10, 11, 12, 13, 14]);
  expect([...column.read(5, 2)]).toEqual([15, 16, 17, 18]);
  expect(column.addressOf(3)).toBe(11);
  expect(bytes.reads).toBe(3);
});

test('behind the last slot comes the first one', () => {
  const { bytes, column } = numbered();
  expect([...column.read(6, 3)]).toEqual([17, 18, 5, 6, 7, 8]);
  column.write(6, Uint8Array.of(1, 2, 3, 4));
  expect([...bytes.bytes.subarray(5, 7)]).toEqual([3, 4]);
  expect([...bytes.bytes.subarray(17, 20)]).toEqual([1, 2, 19]);
  expect([...column.read(0, 7)]).toHaveLength(14);
});

test('nothing is asked of the bytes for nothing', () => {
  const { bytes, column } = numbered();
  expect([...column.read(3, 0)]).toEqual([]);
  column.write(3, new Uint8Array(0));
  expect([...new Column(bytes, 5, 0, 7).read(6, 3)]).toEqual([]);
  expect([bytes.reads, bytes.writes]).toEqual([0, 0]);
});
