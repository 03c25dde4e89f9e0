/** What code costs, counted by hand, and how a module stops itself. */
import { describe, expect, test } from '@jest/globals';

import {
  HEAP_LIMIT_PASSED,
  OUT_OF_INSTRUCTIONS,
} from '../../../../src/replica/host/metering/additions.js';
import {
  CHANGED_EXPORT,
  COUNTER_EXPORT,
  HEAP_LIMIT_EXPORT,
  meter,
} from '../../../../src/replica/host/metering/meter.js';
import { readSections, writeSections } from '../../../../src/wasm/module.js';
import { assemble } from '../../support.js';

const LIMIT = 1_000_000n;

/** A metered module whose function `run` holds this code. */
class Metered {
  readonly #exports: WebAssembly.Exports;

  constructor(code: string, rest = '') {
    const wasm = assemble(`(module
      (memory (export "memory") 1) (data $data "abcd")
      (table $table 4 funcref) (elem $elem func $run)
      (global $g (mut i32) (i32.const 0))
      ${rest}
      (func $run (export "run") (local $i i32) ${code}))`);
    const metered = writeSections(meter(readSections(wasm)));
    const module = new WebAssembly.Module(metered as BufferSource);
    this.#exports = new WebAssembly.Instance(module).exports;
    this.#global<'i64'>(COUNTER_EXPORT).value = LIMIT;
    this.#global<'i32'>(HEAP_LIMIT_EXPORT).value = 65_536;
  }

  run(limit = LIMIT, heapLimit = 65_536): string | undefined {
    this.#global<'i64'>(COUNTER_EXPORT).value = limit;
    this.#global<'i32'>(HEAP_LIMIT_EXPORT).value = heapLimit;
    try {
      (this.#exports['run'] as () => void)();
      return undefined;
    } catch (thrown) {
      return (thrown as Error).message;
    }
  }

  get left(): bigint {
    return this.#global<'i64'>(COUNTER_EXPORT).value;
  }

  get heapLimit(): number {
    return this.#global<'i32'>(HEAP_LIMIT_EXPORT).value;
  }

  get changed(): number {
    return this.#global<'i32'>(CHANGED_EXPORT).value;
  }

  get pages(): number {
    return (this.#exports['memory'] as WebAssembly.Memory).buffer.byteLength / 65_536;
  }

  #global<T extends keyof WebAssembly.ValueTypeMap>(name: string): WebAssembly.Global<T> {
    return this.#exports[name] as WebAssembly.Global<T>;
  }
}

function costOf(code: string, rest?: string): number {
  const metered = new Metered(code, rest);
  metered.run();
  return Number(LIMIT - metered.left);
}

describe('the cost of', () => {
  test.each([
    ['nothing: the entry', '', 1],
    ['constants, a sum and a drop', '(drop (i32.add (i32.const 1) (i32.const 2)))', 5],
    ['a division', '(drop (i32.div_u (i32.const 6) (i32.const 2)))', 14],
    ['a global', '(global.set $g (global.get $g))', 5],
    ['a branch that is taken', '(block (br_if 0 (i32.const 1)) (nop) (nop))', 4],
    ['a branch that is not', '(block (br_if 0 (i32.const 0)) (nop) (nop))', 6],
    ['the first of two ways', '(if (i32.const 1) (then (nop)) (else (nop) (nop) (nop)))', 5],
    ['the second of two ways', '(if (i32.const 0) (then (nop)) (else (nop) (nop) (nop)))', 7],
    // Entry 1; each turn 2 gets, a constant, a sum, a tee, a comparison and the branch.
    [
      'a loop of ten turns',
      `(loop $turn
        (br_if $turn (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 10))))`,
      1 + 10 * 8,
    ],
    ['what nobody reaches', '(return) (nop) (nop) (nop)', 2],
    ['a call: itself and what it enters', '(call $other)', 1 + 5 + 1 + 1],
    ['an indirect call', '(call_indirect (i32.const 0))', 1 + 1 + 10],
    ['a fill by its length', '(memory.fill (i32.const 0) (i32.const 0) (i32.const 500))', 604],
    ['a copy by its length', '(memory.copy (i32.const 0) (i32.const 9) (i32.const 70))', 174],
    ['an init by its length', '(memory.init $data (i32.const 0) (i32.const 0) (i32.const 4))', 108],
    ['growing', '(drop (memory.grow (i32.const 1)))', 303],
    ['asking for the size', '(drop (memory.size))', 22],
    ['dropping data', '(data.drop $data)', 301],
    ['a table entry', '(table.set $table (i32.const 0) (ref.null func))', 8],
    ['filling a table', '(table.fill $table (i32.const 0) (ref.null func) (i32.const 3))', 107],
  ])('%s', (_name, code, cost) => {
    expect(costOf(code, '(func $other (nop))')).toBe(cost);
  });

  test('code that traps: all blocks that it entered', () => {
    const metered = new Metered('(drop (i32.div_u (i32.const 1) (i32.const 0))) (nop)');
    expect(metered.run()).toMatch(/divide by zero/);
    expect(LIMIT - metered.left).toBe(1n + 1n + 1n + 10n + 1n + 1n);
  });

  test('code behind a call: on top of what the call cost', () => {
    const other = '(func $other (param i64) (result i32) (local f32 f64) (i32.const 1))';
    expect(costOf('(drop (call $other (i64.const 1))) (nop)', other)).toBe(1 + 1 + 5 + 2 + 1 + 1);
  });

  test('code that runs again: the same', () => {
    const metered = new Metered('(global.set $g (i32.add (global.get $g) (i32.const 1)))');
    metered.run();
    const { left } = metered;
    metered.run();
    expect(metered.left).toBe(left);
  });
});

describe('a module stops itself', () => {
  test.each([
    ['in a loop without end', '(loop (br 0))'],
    ['in a loop that costs nothing by itself', '(loop (loop (nop)) (br 0))'],
    ['in a recursion', '(call $run)'],
    [
      'before a length that it cannot pay',
      '(memory.fill (i32.const 0) (i32.const 0) (i32.const 9999))',
    ],
  ])('%s', (_name, code) => {
    const metered = new Metered(code);
    expect(metered.run(5000n)).toMatch(/unreachable/);
    expect(metered.left).toBe(OUT_OF_INSTRUCTIONS);
  });

  test('at the limit and not before', () => {
    const metered = new Metered('(nop) (nop)');
    expect(metered.run(3n)).toBeUndefined();
    expect(metered.left).toBe(0n);
    expect(metered.run(2n)).toMatch(/unreachable/);
  });

  test('where the heap passes its limit', () => {
    const metered = new Metered('(drop (memory.grow (i32.const 2)))');
    expect(metered.run(LIMIT, 3)).toBeUndefined();
    expect(metered.pages).toBe(3);
    expect(metered.run(LIMIT, 4)).toMatch(/unreachable/);
    expect(metered.heapLimit).toBe(HEAP_LIMIT_PASSED);
  });

  test('but not where the heap cannot grow at all: that is told to the code', () => {
    const metered = new Metered(
      '(if (i32.ne (memory.grow (i32.const 65536)) (i32.const -1)) (then (unreachable)))',
    );
    expect(metered.run(LIMIT, 3)).toBeUndefined();
    expect(metered.heapLimit).toBe(3);
  });

  test('and an `unreachable` of its own leaves no mark', () => {
    const metered = new Metered('(unreachable)');
    expect(metered.run()).toMatch(/unreachable/);
    expect(metered.left).toBe(LIMIT - 2n);
  });
});

describe('a change of a table or a segment is noted', () => {
  test.each([
    ['table.set', '(table.set $table (i32.const 0) (ref.null func))'],
    ['table.grow', '(drop (table.grow $table (ref.null func) (i32.const 1)))'],
    ['table.fill', '(table.fill $table (i32.const 0) (ref.null func) (i32.const 1))'],
    ['table.copy', '(table.copy $table $table (i32.const 0) (i32.const 1) (i32.const 1))'],
    ['table.init', '(table.init $table $elem (i32.const 0) (i32.const 0) (i32.const 1))'],
    ['elem.drop', '(elem.drop $elem)'],
    ['data.drop', '(data.drop $data)'],
  ])('%s', (_name, code) => {
    const metered = new Metered(code);
    expect(metered.changed).toBe(0);
    expect(metered.run()).toBeUndefined();
    expect(metered.changed).toBe(1);
  });

  test('and nothing else', () => {
    const metered = new Metered('(memory.fill (i32.const 0) (i32.const 1) (i32.const 5))');
    metered.run();
    expect(metered.changed).toBe(0);
  });
});

test('a module without memory, functions or anything else can be metered', () => {
  const metered = writeSections(meter(readSections(assemble('(module)'))));
  expect(WebAssembly.validate(metered as BufferSource)).toBe(true);
});
