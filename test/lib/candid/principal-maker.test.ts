import { IDL } from '@dfinity/candid';
import { Principal as TheirPrincipal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import { principalMaker } from '../../../src/lib/candid/principal-maker.js';
import { Principal } from '../../../src/lib/principal.js';

const BYTES = Uint8Array.of(1, 2, 3);

describe('a principal that was read', () => {
  test.each([
    ['principal', IDL.Principal],
    ['func', IDL.Func([], [], ['query'])],
    ['service', IDL.Service({ get: IDL.Func([], []) })],
  ] as const)('is of the class that a %s of the IDL makes', (kind, type) => {
    const made = principalMaker(type, kind)(BYTES) as TheirPrincipal;
    expect(made).toBeInstanceOf(TheirPrincipal);
    expect(made.toUint8Array()).toEqual(BYTES);
  });

  test.each([
    [
      'refuses',
      () => {
        throw new Error('no');
      },
    ],
    ['answers nothing', () => undefined],
    ['answers another class', () => new Map()],
  ])('is of ours where the type %s', (_label, decodeValue) => {
    const made = principalMaker({ decodeValue }, 'principal')(BYTES) as Principal;
    expect(made.toText()).toBe(Principal.fromUint8Array(BYTES).toText());
  });
});
