/** What a command of `stable-structures` is, and how it fails. One file a command. */

/** Where a command's report goes; a test collects it. */
export type Print = (line: string) => void;

export interface Command {
  /** The word that selects it. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole help text. */
  readonly help: string;
  /** Does the work. Throws {@link CommandError} for what the user can put right. */
  run(args: readonly string[], print: Print): Promise<void>;
}

/** A failure that the user can put right. Its message says how, and is shown without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
