/**
 * From the tape to values. For each list of types a function is generated, once, that does nothing
 * but load numbers, cut texts and build the values; the kernel has checked everything. Generated it
 * is, because QuickJS interprets: an object whose fields are written out costs half of one that a
 * loop over the fields fills (22 k instead of 41 k instructions for a key with a record of four
 * fields). Into the source go only numbers, and names as literals of JSON. For the type
 * `record { id : nat32; names : vec text }` it is:
 *
 *     let numbers, unsigned, signed, at, texts, textAt, argument, message;
 *     function read0() {                         // the vec
 *       const values = [], count = numbers[at++];
 *       for (let index = 0; index < count; index++)
 *         values[index] = texts.substring(textAt, textAt += numbers[at++]);
 *       return values;
 *     }
 *     function read1() {                         // the record
 *       return {"id": numbers[at++], "names": read0()};
 *     }
 *     return (tape, joinedTexts, getMessage) => { ...; return [read1()]; };
 *
 * Source: the tape's table in `kernel-tape.ts`; how values look is a convention of
 * `@dfinity/candid`.
 */
import { packedSize, unfold } from './kernel-program.js';
import type { Tape } from './kernel-tape.js';
import { longInteger, TYPED_ARRAYS } from './kernel-values.js';
import type { MakePrincipal } from './principal-maker.js';
import type { ElementNode, FieldsNode, TypeNode } from './type.js';

/** Reads the values of the message on the tape. `getMessage` answers the message's bytes. */
export type ReadValues = (
  tape: Tape,
  joinedTexts: string,
  getMessage: () => Uint8Array,
) => unknown[];

/** What all generated functions share. Bytes are copied, so that values are their own. */
const PRELUDE = `
let numbers, unsigned, signed, at, texts, textAt, getBytes, message;
function bytes(size) {
  const length = numbers[at] * size, start = numbers[at + 1];
  at += 2;
  message ??= getBytes();
  return message.slice(start, start + length);
}
function integer(words, isSigned) {
  if (numbers[at] !== 0) return longInteger(bytes(1), isSigned);
  at += 2;
  return words[at - 1];
}`;

/** The function for these types. O(their size). Throws where functions may not be generated. */
export function generateReader(types: readonly TypeNode[]): ReadValues {
  const source = new ReaderSource();
  const values = types.map((type) => source.expression(type));
  const body = `"use strict";${PRELUDE}
${source.functions.join('\n')}
return (tape, joinedTexts, getMessage) => {
  numbers = tape.numbers;
  unsigned = tape.unsigned;
  signed = tape.signed;
  at = 0;
  texts = joinedTexts;
  textAt = 0;
  getBytes = getMessage;
  const values = [${values.join(', ')}];
  message = undefined;
  return values;
};`;
  const make = new Function('longInteger', 'typedArrays', 'makes', body);
  return make(longInteger, TYPED_ARRAYS, source.makes) as ReadValues;
}

/** The source of what reads a value, type by type; a type that has parts gets a function. */
class ReaderSource {
  readonly functions: string[] = [];
  readonly makes: MakePrincipal[] = [];
  readonly #names = new Map<TypeNode, string>();

  /** An expression that reads a value of this type. */
  expression(folded: TypeNode): string {
    const type = unfold(folded);
    switch (type.kind) {
      case 'null':
      case 'reserved':
        return 'null';
      case 'bool':
        return '(numbers[at++] === 1)';
      case 'nat64':
        return 'unsigned[at++]';
      case 'int64':
        return 'signed[at++]';
      case 'nat':
        return 'integer(unsigned, false)';
      case 'int':
        return 'integer(signed, true)';
      case 'text':
        return 'texts.substring(textAt, textAt += numbers[at++])';
      case 'principal':
        return `makes[${this.makes.push(type.make) - 1}](bytes(1))`;
      case 'vec':
        return packedSize(type) === undefined ? this.#call(type) : packed(type);
      case 'opt':
      case 'record':
      case 'tuple':
      case 'variant':
        return this.#call(type);
      default:
        return 'numbers[at++]';
    }
  }

  /** The call of the function for a type that has parts. It has its name before it is written. */
  #call(type: ElementNode | FieldsNode): string {
    const known = this.#names.get(type);
    if (known !== undefined) return `${known}()`;
    const name = `read${this.#names.size}`;
    this.#names.set(type, name);
    this.functions.push(`function ${name}() {\n${this.#body(type)}\n}`);
    return `${name}()`;
  }

  #body(type: ElementNode | FieldsNode): string {
    switch (type.kind) {
      case 'opt':
        return `  return numbers[at++] === 0 ? [] : [${this.expression(type.element)}];`;
      case 'vec':
        return `  const values = [], count = numbers[at++];
  for (let index = 0; index < count; index++) values[index] = ${this.expression(type.element)};
  return values;`;
      case 'tuple':
        return `  return [${type.fields.map((field) => this.expression(field.type)).join(', ')}];`;
      case 'record':
        return `  return {${type.fields.map((field) => this.#property(field)).join(', ')}};`;
      case 'variant':
        return `  switch (numbers[at++]) {\n${this.#cases(type)}\n  }`;
    }
  }

  #cases({ fields }: FieldsNode): string {
    const lines = fields.map(
      (field, index) => `    case ${index}: return {${this.#property(field)}};`,
    );
    return lines.join('\n');
  }

  #property({ name, type }: FieldsNode['fields'][number]): string {
    return `${propertyName(name)}: ${this.expression(type)}`;
  }
}

/** A name in an object literal. In brackets, `__proto__` is a property as any other. */
function propertyName(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : JSON.stringify(name);
}

function packed(type: ElementNode): string {
  const { kind } = type.element;
  const size = packedSize(type)!;
  return kind === 'nat8' ? 'bytes(1)' : `new typedArrays.${kind}(bytes(${size}).buffer)`;
}
