/**
 * From values to the tape: the way back of `kernel-reader.ts`, also generated once for each list of
 * types. What a function meets that the type does not have, it throws away together with all that
 * was written: the codec in TypeScript takes the values, and says what is wrong with them. So here
 * are only checks, and each is the cheapest that lets nothing wrong through. For the type
 * `record { id : nat32; names : vec text }` it is:
 *
 *     let numbers, unsigned, signed, at, texts, tape, bytesCount;
 *     function write0(value) {                   // the vec
 *       if (!Array.isArray(value)) return encoded(value);
 *       const count = numbers[at++] = value.length;
 *       for (let index = 0; index < count; index++) {
 *         const v1 = value[index];
 *         if (typeof v1 !== "string") throw WRONG;
 *         texts[texts.length] = v1; numbers[at++] = v1.length;
 *       }
 *     }
 *     function write1(value) { ... }             // the record
 *     return (target, values) => { ...; return texts.join(""); };
 *
 * Stores beyond the tape's end do nothing, and are counted; whoever asked then takes a longer one.
 *
 * Source: the tape's table in `kernel-tape.ts`; the checks are those of `@dfinity/candid`.
 */
import { EncodedVec } from './encoded-vec.js';
import { packedSize, unfold } from './kernel-program.js';
import type { Tape } from './kernel-tape.js';
import { longBytes, TYPED_ARRAYS } from './kernel-values.js';
import type { ElementNode, FieldsNode, TypeNode } from './type.js';

/** What generated functions are told and tell. */
export interface Writer {
  /** Writes the values and returns the joined texts. Throws anything where they are not certain. */
  write(tape: Tape, values: readonly unknown[]): string;
  /** How many slots the last values needed, also where they were too many. */
  slotCount(): number;
}

/** What all generated functions share. */
const PRELUDE = `
const WRONG = 'not certain';
let numbers, unsigned, signed, at, texts, tape, bytesCount;
function putBytes(bytes) {
  if (bytes.length === 0) return;
  tape.put(bytes, bytesCount);
  bytesCount += bytes.length;
}
function word(words, value) {
  const integer = typeof value === 'number' ? BigInt(value) : value;
  words[at] = integer;
  if (words[at++] !== integer) throw WRONG;
}
function integer(words, value, isSigned) {
  const integer = typeof value === 'number' ? BigInt(value) : value;
  numbers[at] = 0;
  words[at + 1] = integer;
  if (words[at + 1] !== integer) long(integer, isSigned);
  at += 2;
}
function long(integer, isSigned) {
  if (typeof integer !== 'bigint' || (integer < 0n && !isSigned)) throw WRONG;
  const bytes = longBytes(integer, isSigned);
  putBytes(bytes);
  numbers[at] = bytes.length;
}
function principal(value) {
  if (value._isPrincipal !== true) throw WRONG;
  const bytes = value.toUint8Array();
  putBytes(bytes);
  numbers[at] = bytes.length;
  at += 2;
}
function encoded(value) {
  if (!(value instanceof EncodedVec)) throw WRONG;
  const before = bytesCount;
  for (const chunk of value.chunks) putBytes(chunk);
  numbers[at++] = -1 - value.count;
  numbers[at++] = bytesCount - before;
}
function viewOf({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
function packed(value, TypedArray) {
  const elements = ArrayBuffer.isView(value) ? value : packedOf(value, TypedArray);
  if (elements.BYTES_PER_ELEMENT !== TypedArray.BYTES_PER_ELEMENT) throw WRONG;
  putBytes(elements instanceof Uint8Array ? elements : viewOf(elements));
  numbers[at] = elements.length;
  at += 2;
}
function packedOf(value, TypedArray) {
  if (!Array.isArray(value)) throw WRONG;
  const elements = new TypedArray(value.length);
  for (let index = 0; index < value.length; index++) {
    elements[index] = value[index];
    if (elements[index] !== value[index]) throw WRONG;
  }
  return elements;
}`;

/** The functions for these types. O(their size). Throws where functions may not be generated. */
export function generateWriter(types: readonly TypeNode[]): Writer {
  const source = new WriterSource();
  const statements = types.map((type, index) => source.write(type, `values[${index}]`));
  const body = `"use strict";${PRELUDE}
${source.functions.join('\n')}
function write(target, values) {
  tape = target;
  numbers = tape.numbers;
  unsigned = tape.unsigned;
  signed = tape.signed;
  at = 0;
  texts = [];
  bytesCount = 0;
  if (values.length !== ${types.length}) throw WRONG;
  ${statements.join('\n  ')}
  return texts.join('');
}
return { write, slotCount: () => at };`;
  const make = new Function('longBytes', 'typedArrays', 'EncodedVec', body);
  return make(longBytes, TYPED_ARRAYS, EncodedVec) as Writer;
}

/** For integers of at most 32 bits, what is equal to the value where the type has it. */
const ROUND_TRIPS: Partial<Record<TypeNode['kind'], (value: string) => string>> = {
  nat8: (value) => `(${value} & 0xff)`,
  nat16: (value) => `(${value} & 0xffff)`,
  nat32: (value) => `(${value} >>> 0)`,
  int8: (value) => `(${value} << 24 >> 24)`,
  int16: (value) => `(${value} << 16 >> 16)`,
  int32: (value) => `(${value} | 0)`,
};

/** The source of what writes a value, type by type; a type that has parts gets a function. */
class WriterSource {
  readonly functions: string[] = [];
  readonly #names = new Map<TypeNode, string>();
  #variableCount = 0;

  /** Statements that write the value of an expression, which they evaluate once. */
  write(folded: TypeNode, expression: string): string {
    const type = unfold(folded);
    switch (type.kind) {
      case 'reserved':
        return '';
      case 'nat64':
        return `word(unsigned, ${expression});`;
      case 'int64':
        return `word(signed, ${expression});`;
      case 'nat':
        return `integer(unsigned, ${expression}, false);`;
      case 'int':
        return `integer(signed, ${expression}, true);`;
      case 'principal':
        return `principal(${expression});`;
      case 'empty':
        return 'throw WRONG;';
      case 'vec':
        return packedSize(type) === undefined
          ? `${this.#nameOf(type)}(${expression});`
          : `packed(${expression}, typedArrays.${type.element.kind});`;
      case 'opt':
      case 'record':
      case 'tuple':
      case 'variant':
        return `${this.#nameOf(type)}(${expression});`;
      default:
        return this.#writeSimple(type, expression);
    }
  }

  /** A value that a variable holds while it is looked at. */
  #writeSimple(type: TypeNode, expression: string): string {
    const value = `v${this.#variableCount++}`;
    return `const ${value} = ${expression}; ${writeVariable(type, value)}`;
  }

  /** The function for a type that has parts. It has its name before it is written. */
  #nameOf(type: ElementNode | FieldsNode): string {
    const known = this.#names.get(type);
    if (known !== undefined) return known;
    const name = `write${this.#names.size}`;
    this.#names.set(type, name);
    this.functions.push(`function ${name}(value) {\n  ${this.#body(type)}\n}`);
    return name;
  }

  #body(type: ElementNode | FieldsNode): string {
    switch (type.kind) {
      case 'opt':
        return `if (!Array.isArray(value) || value.length > 1) throw WRONG;
  if ((numbers[at++] = value.length) === 0) return;
  ${this.write(type.element, 'value[0]')}`;
      case 'vec':
        return `if (!Array.isArray(value)) return encoded(value);
  const count = (numbers[at++] = value.length);
  for (let index = 0; index < count; index++) {
    ${this.write(type.element, 'value[index]')}
  }`;
      case 'tuple':
        return this.#elements(type);
      case 'record':
        return this.#properties(type);
      case 'variant':
        return this.#cases(type);
    }
  }

  #elements({ fields }: FieldsNode): string {
    const elements = fields.map(({ type }, index) => this.write(type, `value[${index}]`));
    return `if (!Array.isArray(value) || value.length < ${fields.length}) throw WRONG;
  ${elements.join('\n  ')}`;
  }

  #properties({ fields }: FieldsNode): string {
    const properties = fields.map(({ name, type }) => this.#property(name, type));
    return `if (typeof value !== "object") throw WRONG;
  ${properties.join('\n  ')}`;
  }

  #property(name: string, type: TypeNode): string {
    const key = JSON.stringify(name);
    const isMissing = `value[${key}] === undefined && !Object.hasOwn(value, ${key})`;
    const check = type.kind === 'reserved' ? `if (${isMissing}) throw WRONG;` : '';
    return check + this.write(type, `value[${key}]`);
  }

  #cases({ fields }: FieldsNode): string {
    const cases = fields.map(({ name, type }, index) => {
      const key = JSON.stringify(name);
      return `case ${key}: {
    numbers[at++] = ${index};
    ${this.write(type, `value[${key}]`)}
    return;
  }`;
    });
    return `if (typeof value !== "object") throw WRONG;
  const keys = Object.keys(value);
  if (keys.length !== 1) throw WRONG;
  switch (keys[0]) {
  ${cases.join('\n  ')}
  }
  throw WRONG;`;
  }
}

/** Statements that check and write what a variable holds. */
function writeVariable({ kind }: TypeNode, value: string): string {
  const roundTrip = ROUND_TRIPS[kind];
  if (roundTrip !== undefined) {
    return `if (${roundTrip(value)} !== ${value}) throw WRONG; numbers[at++] = ${value};`;
  }
  switch (kind) {
    case 'null':
      return `if (${value} !== null) throw WRONG;`;
    case 'bool':
      return (
        `if (typeof ${value} !== "boolean") throw WRONG; ` + `numbers[at++] = ${value} ? 1 : 0;`
      );
    case 'text':
      return (
        `if (typeof ${value} !== "string") throw WRONG; ` +
        `texts[texts.length] = ${value}; numbers[at++] = ${value}.length;`
      );
    default:
      return `if (typeof ${value} !== "number") throw WRONG; numbers[at++] = ${value};`;
  }
}
