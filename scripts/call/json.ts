/**
 * Candid values from JSON and to JSON, for people at a command line; `call.ts` says how each type
 * is written. Reading goes by the Candid type, so it refuses what the type does not have.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

/** The value of a Candid type that this JSON stands for. Throws what says where it does not fit. */
export function fromJson(type: IDL.Type, json: unknown): unknown {
  return type.accept(new JsonReader(), json);
}

/** A Candid value as JSON: integers and principals as text, blobs as text or hexadecimal. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return blobToJson(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  if ('toText' in value) return (value as Principal).toText();
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]));
}

/** Whether a type is `vec nat8`, which people write as text. */
export function isBlob(type: IDL.Type): boolean {
  return type.name === 'vec nat8';
}

class JsonReader extends IDL.Visitor<unknown, unknown> {
  override visitType<T>(type: IDL.Type<T>, json: unknown): unknown {
    if (type.covariant(json)) return json;
    throw new TypeError(`expected ${type.display()}, got ${JSON.stringify(json)}`);
  }

  override visitNumber<T>(type: IDL.PrimitiveType<T>, json: unknown): unknown {
    const isBig = type instanceof IDL.FixedNatClass || type instanceof IDL.FixedIntClass;
    const value = isBig && type._bits <= 32 ? Number(json) : BigInt(json as string);
    return this.visitType(type, value);
  }

  override visitPrincipal(_type: IDL.PrincipalClass, json: unknown): unknown {
    return Principal.fromText(String(json));
  }

  override visitOpt<T>(_type: IDL.OptClass<T>, inner: IDL.Type<T>, json: unknown): unknown {
    return json === undefined || json === null ? [] : [fromJson(inner, json)];
  }

  override visitVec<T>(type: IDL.VecClass<T>, inner: IDL.Type<T>, json: unknown): unknown {
    if (isBlob(type)) return blobFromJson(json);
    if (!Array.isArray(json)) throw new TypeError(`expected a list, got ${JSON.stringify(json)}`);
    return json.map((element) => fromJson(inner, element));
  }

  override visitRecord(
    _type: IDL.RecordClass,
    fields: [string, IDL.Type][],
    json: Record<string, unknown>,
  ): unknown {
    return Object.fromEntries(fields.map(([name, type]) => [name, fromJson(type, json[name])]));
  }

  override visitVariant(
    _type: IDL.VariantClass,
    fields: [string, IDL.Type][],
    json: Record<string, unknown>,
  ): unknown {
    const [name = ''] = Object.keys(json);
    const type = new Map(fields).get(name);
    if (type === undefined) {
      throw new TypeError(
        `expected one of ${fields.map(([each]) => each).join(', ')}, got "${name}"`,
      );
    }
    return { [name]: fromJson(type, json[name]) };
  }
}

function blobFromJson(json: unknown): Uint8Array {
  if (typeof json !== 'string') throw new TypeError(`expected a text, got ${JSON.stringify(json)}`);
  return json.startsWith('0x') ? Buffer.from(json.slice(2), 'hex') : Buffer.from(json, 'utf8');
}

/** As text where it is one, without control characters. */
function blobToJson(blob: Uint8Array): string {
  const text = Buffer.from(blob).toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(blob) && !/\p{Cc}/u.test(text);
  return isText ? text : `0x${Buffer.from(blob).toString('hex')}`;
}
