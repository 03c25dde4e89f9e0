/**
 * A Candid interface as the text of a `.did` file, with names for the types that have one. (What
 * Azle generates has every type written out wherever it is used.)
 *
 * Source: the Candid specification, "Concrete syntax".
 */
import { IDL } from '@dfinity/candid';

/** Words that cannot stand as field names without quotes. */
const KEYWORDS = new Set(
  (
    'blob bool composite_query empty float32 float64 func import int int16 int32 int64 int8 nat ' +
    'nat16 nat32 nat64 nat8 null oneway opt principal query record reserved service text type ' +
    'variant vec'
  ).split(' '),
);

const INDENT = '  ';

/** The text of a service's interface. `named` has the types to define, by name. */
export function printInterface(
  service: IDL.ServiceClass,
  named: Readonly<Record<string, IDL.Type>>,
): string {
  const printer = new Printer(new Map(Object.entries(named).map(([name, type]) => [type, name])));
  const definitions = Object.entries(named).map(
    ([name, type]) => `type ${name} = ${printer.define(type)};\n`,
  );
  const methods = service._fields.map(
    ([name, func]) => `${INDENT}${name} : ${printer.func(func)};\n`,
  );
  return `${definitions.join('\n')}\nservice : {\n${methods.join('')}}\n`;
}

class Printer extends IDL.Visitor<undefined, string> {
  readonly #names: ReadonlyMap<IDL.Type, string>;

  constructor(names: ReadonlyMap<IDL.Type, string>) {
    super();
    this.#names = names;
  }

  /** A type where it is used: by its name, if it has one. */
  use(type: IDL.Type): string {
    return this.#names.get(type) ?? type.accept(this, undefined);
  }

  /** A type where it is defined: a field a line. */
  define(type: IDL.Type): string {
    const text = type.accept(this, undefined);
    return text.replace(/^(\w+) \{ (.*) \}$/, (_, keyword: string, fields: string) => {
      const lines = splitFields(fields).map((field) => `${INDENT}${field};\n`);
      return `${keyword} {\n${lines.join('')}}`;
    });
  }

  func(func: IDL.FuncClass): string {
    const list = (types: IDL.Type[]) => `(${types.map((type) => this.use(type)).join(', ')})`;
    const modes = func.annotations.map((mode) => ` ${mode}`).join('');
    return `${list(func.argTypes)} -> ${list(func.retTypes)}${modes}`;
  }

  override visitType(type: IDL.Type): string {
    return type.name;
  }

  override visitVec(type: IDL.VecClass<unknown>, inner: IDL.Type): string {
    return type.name === 'vec nat8' ? 'blob' : `vec ${this.use(inner)}`;
  }

  override visitOpt(_: IDL.OptClass<unknown>, inner: IDL.Type): string {
    return `opt ${this.use(inner)}`;
  }

  override visitRecord(_: IDL.RecordClass, fields: [string, IDL.Type][]): string {
    return this.#fields('record', fields, (name, type) => `${quoted(name)} : ${this.use(type)}`);
  }

  override visitVariant(_: IDL.VariantClass, fields: [string, IDL.Type][]): string {
    return this.#fields('variant', fields, (name, type) =>
      type instanceof IDL.NullClass ? quoted(name) : `${quoted(name)} : ${this.use(type)}`,
    );
  }

  /** By name: the order in which the library holds them is that of their hashes. */
  #fields(
    keyword: string,
    fields: [string, IDL.Type][],
    print: (name: string, type: IDL.Type) => string,
  ): string {
    const sorted = [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
    return `${keyword} { ${sorted.map(([name, type]) => print(name, type)).join('; ')} }`;
  }
}

/** The fields between the outermost braces: those within inner ones stay together. */
function splitFields(fields: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of fields) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === ';' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

function quoted(name: string): string {
  return KEYWORDS.has(name) ? `"${name}"` : name;
}
