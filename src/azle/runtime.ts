/**
 * What Azle leaves in reach of JavaScript, as far as the decorators use it: the system calls, and
 * the table in which its runtime looks up what to run for a message.
 *
 *     globalThis._azleIc                   the system calls
 *     <class>._azleCanisterClassMeta       while the canister's class is instantiated:
 *       .methodMeta                          the methods, each with its name and its index
 *       .callbacks[index]                    what the runtime calls
 *
 * Source: Azle 0.33.0, `lib/canister_methods/index.ts` and `execute_method_js.rs`.
 */

/** The system calls that the decorators need. */
export interface AzleIc {
  acceptMessage(): void;
  /** Runs everything that waits for promises which are settled by now. */
  drainMicrotasks(): void;
  msgArgData(): Uint8Array;
  msgMethodName(): string;
  msgReply(bytes: Uint8Array): void;
  trap(message: string): never;
}

/** What Azle's runtime calls for a message. */
export type Callback = () => void | Promise<void>;

interface MethodEntry {
  readonly name: string;
  readonly index: number;
}

/** What Azle's decorators have noted of the canister's classes. One for all of them. */
export interface ClassMeta {
  readonly callbacks: Record<string, Callback>;
  readonly methodMeta: Readonly<Record<string, MethodEntry | readonly MethodEntry[] | undefined>>;
}

/** The system calls; `undefined` outside a canister, and in Azle's experimental mode. */
export function azleIc(): AzleIc | undefined {
  return (globalThis as { _azleIc?: AzleIc })._azleIc;
}

/** The notes on the class of `instance`; `undefined` where it is not the canister's. */
export function classMetaOf(instance: object): ClassMeta | undefined {
  return (instance.constructor as { _azleCanisterClassMeta?: ClassMeta })._azleCanisterClassMeta;
}

/** Under which index Azle has entered a method; `undefined` where it has not. O(methods). */
export function indexOf(meta: ClassMeta, name: PropertyKey): number | undefined {
  const entries = Object.values(meta.methodMeta).flat();
  return entries.find((entry) => entry?.name === name)?.index;
}
