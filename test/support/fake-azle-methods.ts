/**
 * The part of Azle that calls a canister's methods: its decorators, which note methods and make
 * callbacks, the instantiation of the canister's class, and the system calls of a message.
 *
 * Source: Azle 0.33.0, `lib/canister_methods/index.ts`, `build/commands/build/javascript.ts`.
 */
import type { AzleIc, Callback, ClassMeta } from '../../src/azle/runtime.js';

/** A trap ends the message; here it is an error with nothing but the message. */
export class Trap {
  constructor(readonly message: string) {}
}

interface Note {
  readonly name: string;
  readonly index: number;
}

/** What a message of the test has come to. */
export interface Outcome {
  readonly reply?: Uint8Array;
  readonly accepted?: boolean;
}

export class FakeAzleMethods implements AzleIc {
  readonly meta = {
    callbacks: {} as Record<string, Callback>,
    methodMeta: { queries: [] as Note[], updates: [] as Note[] } as Record<string, Note | Note[]>,
  } satisfies ClassMeta;
  /** The system calls of the message under way, in order. */
  readonly calls: string[] = [];
  /** What Azle's own decorators were given. */
  readonly decorated: unknown[][] = [];

  #argument: Uint8Array = new Uint8Array(0);
  #methodName = '';
  #outcome: { reply?: Uint8Array; accepted?: boolean } = {};

  /** Azle's decorator of this kind. The callback that it makes says that it was called. */
  decorator(list: 'queries' | 'updates' | 'init' | 'inspect_message') {
    const note = (context: ClassMethodDecoratorContext): void => {
      context.addInitializer(() => {
        const index = Object.keys(this.meta.callbacks).length;
        const entry = { name: context.name as string, index };
        const entries = this.meta.methodMeta[list];
        if (Array.isArray(entries)) entries.push(entry);
        else this.meta.methodMeta[list] = entry;
        this.meta.callbacks[index] = () => void this.calls.push(`azle's ${entry.name}`);
      });
    };
    return (...parameters: unknown[]) => {
      this.decorated.push(parameters);
      if (typeof parameters[0] === 'function') return note(parameters[1] as never);
      return (_method: unknown, context: ClassMethodDecoratorContext): void => note(context);
    };
  }

  /** Instantiates the class as the canister's own. */
  install(canister: new () => object): void {
    Object.assign(canister, { _azleCanisterClassMeta: this.meta });
    Object.assign(globalThis, { _azleIc: this });
    try {
      new canister();
    } finally {
      Object.assign(globalThis, { _azleIc: undefined });
    }
  }

  /** Runs a method as Azle's runtime does. Rejects with the {@link Trap}, if it comes to one. */
  async call(
    name: string,
    argument: Uint8Array = new Uint8Array(0),
    inspected = '',
  ): Promise<Outcome> {
    this.calls.length = 0;
    this.#argument = argument;
    this.#methodName = inspected;
    this.#outcome = {};
    const notes = Object.values(this.meta.methodMeta).flat();
    const { index } = notes.find((note) => note.name === name)!;
    await this.meta.callbacks[index]!();
    return this.#outcome;
  }

  acceptMessage(): void {
    this.calls.push('acceptMessage');
    this.#outcome.accepted = true;
  }

  drainMicrotasks(): void {
    this.calls.push('drainMicrotasks');
  }

  msgArgData(): Uint8Array {
    return this.#argument;
  }

  msgMethodName(): string {
    return this.#methodName;
  }

  msgReply(bytes: Uint8Array): void {
    this.calls.push('msgReply');
    this.#outcome.reply = bytes;
  }

  trap(message: string): never {
    throw new Trap(message);
  }
}
