/**
 * The name of the method that `using` calls at the end of a block.
 *
 * Source: TC39's explicit resource management; QuickJS, which runs in a canister, lacks the symbol.
 */

/**
 * `Symbol.dispose`, also where the runtime has none: then that which compilers put in its place.
 */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
