/**
 * Rewrites functions so that they count. The counter is a global, and every block has to lower it,
 * so this is the code on which the speed of all canisters depends. A function keeps a copy of the
 * counter in a local of its own: it computes with the copy and writes each result through to the
 * global. Nothing is ever read back but behind a call. So the engine has the counter in a register,
 * and the global is exact wherever a trap may happen.
 *
 *     at its beginning   local = counter
 *     at each block      counter = local = local - cost
 *     at loops           and stop where it is negative
 *     behind a call      local = counter
 *
 * Source: specs/replica.md section 6.1.
 */
import { assemble } from '../../../wasm/assemble.js';
import { NumberType, type FunctionBody } from '../../../wasm/function.js';
import { WasmWriter } from '../../../wasm/leb128.js';
import { findPoints, type Point } from './blocks.js';
import { check, type Places } from './additions.js';

/** For all functions of one module. */
export class FunctionRewriter {
  readonly #places: Places;
  readonly #writer = new WasmWriter();
  /** The pieces of code by the local that they use: many functions have the same. */
  readonly #pieces = new Map<number, Pieces>();

  constructor(places: Places) {
    this.#places = places;
  }

  /** The new body; good until the next one is made. */
  rewrite(body: FunctionBody, parameterCount: number): Uint8Array {
    const { locals, localGroups, localCount, code } = body;
    const pieces = this.#piecesFor(parameterCount + localCount);
    const writer = this.#writer.clear().u32(localGroups + 1);
    writer.raw(locals).byte(1).byte(NumberType.i64).raw(pieces.reload);
    let copied = 0;
    for (const point of findPoints(code)) {
      const piece = pieces.at(point);
      if (piece === undefined) continue;
      writer.raw(code.subarray(copied, point.offset)).raw(piece);
      copied = point.resume;
    }
    return writer.raw(code.subarray(copied)).view();
  }

  #piecesFor(local: number): Pieces {
    const pieces = this.#pieces.get(local) ?? new Pieces(this.#places, local);
    this.#pieces.set(local, pieces);
    return pieces;
  }
}

/** What is put in at the points of functions that keep their copy in this local. */
class Pieces {
  /** Reads the counter again. */
  readonly reload: Uint8Array;
  readonly #length: Uint8Array;
  readonly #grow: Uint8Array;
  readonly #change: Uint8Array;
  readonly #blocks = new Map<number, Uint8Array>();
  readonly #entries = new Map<number, Uint8Array>();

  constructor(
    readonly places: Places,
    readonly local: number,
  ) {
    const { counter, changed, take, grow } = places;
    this.reload = assemble(['global.get', counter], ['local.set', local]);
    this.#length = Uint8Array.of(...assemble(['call', take]), ...this.reload);
    this.#grow = assemble(['call', grow]);
    this.#change = assemble(['i32.const', 1], ['global.set', changed]);
  }

  /** Undefined where nothing has to be done. */
  at({ kind, cost }: Point): Uint8Array | undefined {
    switch (kind) {
      case 'block':
        return cost > 0 ? this.#block(cost) : undefined;
      case 'entry':
        return this.#entry(cost);
      case 'call':
        return this.reload;
      case 'length':
        return this.#length;
      case 'grow':
        return this.#grow;
      case 'change':
        return this.#change;
    }
  }

  #block(cost: number): Uint8Array {
    const known = this.#blocks.get(cost);
    if (known !== undefined) return known;
    const { local, places } = this;
    const made = assemble(
      ['local.get', local],
      ['i64.const', cost],
      ['i64.sub'],
      ['local.tee', local],
      ['global.set', places.counter],
    );
    this.#blocks.set(cost, made);
    return made;
  }

  #entry(cost: number): Uint8Array {
    const known = this.#entries.get(cost);
    if (known !== undefined) return known;
    const stop = assemble(...check(['local.get', this.local], this.places));
    const made = Uint8Array.of(...(cost > 0 ? this.#block(cost) : []), ...stop);
    this.#entries.set(cost, made);
    return made;
  }
}
