/**
 * Turns Azle's decorators into cheap ones. Azle's own decorator runs first and does all that it
 * does: it notes the method, its types for the `.did`, and a callback. Then the callback is
 * replaced by ours, with Candid codecs that are compiled once, when the canister's class is
 * instantiated, in `init` and in `post_upgrade`. (A query forgets what it has compiled, and the
 * next would compile again.) Where that class or its callback is not to be found, Azle's stays.
 *
 * Source: Azle 0.33.0, `lib/canister_methods/index.ts`.
 */
import { callbackOf, type Edge, type Method } from './callback.js';
import { compileArguments, type CandidArguments } from '../lib/candid/arguments.js';
import type { IdlType } from '../lib/candid/type.js';
import {
  azleIc,
  classMetaOf,
  indexOf,
  type AzleIc,
  type Callback,
  type ClassMeta,
} from './runtime.js';

/** What a method's callback is made of. */
interface Site {
  readonly ic: AzleIc;
  readonly meta: ClassMeta;
  readonly name: string;
  readonly method: Method;
  /** The callback that Azle has made. */
  readonly azles: Callback;
}

interface Options {
  readonly manual?: boolean;
}

type Maker = (site: Site, parameters: readonly unknown[]) => Callback;
type Decorator = (method: unknown, context: ClassMethodDecoratorContext) => void;

/** How methods are found that `inspectMessage` is asked about. */
const argumentsOf = new WeakMap<ClassMeta, Map<string, CandidArguments>>();

/** `query` or `update`, of Azle's: parameters, result, options. */
export function replying<D extends object>(decorate: D): D {
  return replaced(decorate, (site, [types, type, options]) => {
    const { ic, method } = site;
    const values = compileArguments((types ?? []) as IdlType[]);
    const results = compileArguments(type === undefined ? [] : [type as IdlType]);
    methodsOf(site.meta).set(site.name, values);
    if (isManual(options)) return callbackOf(ic, method, MANUAL);
    return callbackOf(ic, method, {
      take: () => take(ic, values),
      give: (result) => reply(ic, results, result === undefined ? [] : [result]),
    });
  });
}

/** `init` or `postUpgrade`, of Azle's: parameters, options. */
export function starting<D extends object>(decorate: D): D {
  return replaced(decorate, ({ ic, method }, [types, options]) => {
    if (isManual(options)) return callbackOf(ic, method, MANUAL);
    const values = compileArguments((types ?? []) as IdlType[]);
    return callbackOf(ic, method, { ...MANUAL, take: () => take(ic, values) });
  });
}

/** `inspectMessage`, of Azle's: options. Of a method that is not ours, Azle's callback knows. */
export function inspecting<D extends object>(decorate: D): D {
  return replaced(decorate, ({ ic, meta, method, azles }, [options]) => {
    const give: Edge['give'] = (isWelcome) => {
      if (isWelcome === true) ic.acceptMessage();
    };
    if (isManual(options)) return callbackOf(ic, method, { ...MANUAL, give });
    return () => {
      const name = ic.msgMethodName();
      const values = methodsOf(meta).get(name);
      if (values === undefined) return azles();
      return callbackOf(ic, method, { take: () => [name, ...take(ic, values)], give })();
    };
  });
}

/** For a method that takes its argument and replies by itself. */
const MANUAL: Edge = { take: () => [], give: () => undefined };

function isManual(options: unknown): boolean {
  return (options as Options | undefined)?.manual === true;
}

function methodsOf(meta: ClassMeta): Map<string, CandidArguments> {
  let methods = argumentsOf.get(meta);
  if (methods === undefined) argumentsOf.set(meta, (methods = new Map()));
  return methods;
}

/** A decorator in both of its forms, `@query` and `@query(...)`, with our callback. */
function replaced<D extends object>(decorate: D, maker: Maker): D {
  const azles = decorate as unknown as Decorator & ((...parameters: unknown[]) => Decorator);
  const decorator = (...parameters: unknown[]): Decorator | undefined => {
    const [method, context] = parameters;
    if (typeof method !== 'function') {
      const decorateMethod = azles(...parameters);
      return (method, context) => {
        decorateMethod(method, context);
        replaceCallback(method as Method, context, maker, parameters);
      };
    }
    azles(method, context as ClassMethodDecoratorContext);
    replaceCallback(method as Method, context as ClassMethodDecoratorContext, maker, []);
    return undefined;
  };
  return decorator as unknown as D;
}

/** Azle's initializer has been added before, so it runs before. */
function replaceCallback(
  method: Method,
  context: ClassMethodDecoratorContext,
  maker: Maker,
  parameters: readonly unknown[],
): void {
  context.addInitializer(function () {
    const ic = azleIc();
    const instance = this as object;
    const meta = classMetaOf(instance);
    if (ic === undefined || meta === undefined) return;
    const name = context.name as string;
    const index = indexOf(meta, name);
    if (index === undefined) return;
    const azles = meta.callbacks[index]!;
    const site = { ic, meta, name, method: method.bind(instance), azles };
    meta.callbacks[index] = maker(site, parameters);
  });
}

/** The values that the method was called with. */
function take(ic: AzleIc, codec: CandidArguments): unknown[] {
  try {
    return codec.decodeArgument() ?? codec.decode(ic.msgArgData());
  } catch (error) {
    throw new Error(`Failed to decode Candid bytes: ${error}`, { cause: error });
  }
}

function reply(ic: AzleIc, codec: CandidArguments, values: unknown[]): void {
  if (!codec.reply(values)) ic.msgReply(encode(codec, values));
}

function encode(codec: CandidArguments, values: unknown[]): Uint8Array {
  try {
    return codec.encode(values);
  } catch (error) {
    throw new Error(`Failed to encode Candid arguments: ${error}`, { cause: error });
  }
}
