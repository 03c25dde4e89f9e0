/**
 * Azle, as far as `index.ts` must know it. Azle is published as TypeScript sources, which do not
 * compile under this project's settings, so the build of the package reads this in their place
 * (`paths` in `tsconfig.build.json`). The declarations that it emits refer to Azle's own types.
 */
export declare const init: object;
export declare const inspectMessage: object;
export declare const postUpgrade: object;
export declare const query: object;
export declare function setTimer(delayInSeconds: number, callback: () => void): bigint;
export declare function time(): bigint;
export declare function trap(message: string): never;
export declare const update: object;
