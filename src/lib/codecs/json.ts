/**
 * Any data of JavaScript as JSON in UTF-8, with what JSON lacks:
 *
 *     VALUE                      TEXT
 *     undefined                  {"$undefined":true}
 *     NaN, Infinity, -0          {"$number":"NaN"}, {"$number":"-0"}
 *     12n                        {"$bigint":"12"}
 *     a Date                     {"$date":"2024-02-29T12:00:00.000Z"}
 *     a Map                      {"$map":[["key",1]]}
 *     a Set                      {"$set":[1,2]}
 *     a principal                {"$principal":"aaaaa-aa"}
 *     a Uint8Array               {"$Uint8Array":"00ff"}
 *     another typed array        {"$Float64Array":[1.5]}, {"$BigInt64Array":["-1"]}
 *     an object { $date: 1 }     {"$$date":1}
 *
 * All other values have the text that `JSON.stringify` gives them, so that they can be read in a
 * dump, by other programs, and where such text was stored before. A name that begins with `$` gets
 * another one: data that looks like a mark stays what it is. `__proto__` is a name like any other.
 *
 * What would come back as something else is refused: functions, symbols, instances of classes,
 * dates that are none, circles, and more than 256 levels. An object that is there twice comes back
 * as two equal ones, a hole in an array as `undefined`, a Node `Buffer` as a `Uint8Array`, and a
 * principal of whatever class as this library's.
 *
 * It is the largest and slowest of the codecs: names are stored with every value. Where the shape
 * is known, use `record`.
 *
 * Source: the gap in `specs/ic-stable-structures.md` section 5.1; golden vectors
 * `test/golden/codecs.txt`.
 */
import type { Codec } from '../codec.js';
import { corrupted } from '../errors.js';
import { decodeUtf8, encodeUtf8 } from '../utf8.js';
import { treeOf, valueOfTree } from './json-tree.js';

const codec: Codec<unknown> = {
  name: 'json',
  bound: 'unbounded',
  encode: (value) => encodeUtf8(JSON.stringify(treeOf(value))),
  decode: (bytes) => valueOfTree(parse(decodeUtf8(bytes))),
};

/**
 * A codec for any data, for values only. O(size).
 *
 * It throws `INVALID_VALUE` for what is no data (see above), `CORRUPTED` for stored bytes that are
 * not such JSON. That a stored value is a `T` is not checked: a field that was added later is
 * missing in old values, whatever the type says.
 *
 * @example
 * const settings = BTreeMap.init(memory.get(0), text, json<{ theme: string; since: Date }>());
 * settings.insert('ada', { theme: 'dark', since: new Date('1843-09-05') });
 */
export function json<T = unknown>(): Codec<T> {
  return codec as Codec<T>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw corrupted('json', 'JSON', 'other text');
  }
}
