/**
 * Messages with known hashes: those that NIST shows in its examples and its test suite for byte
 * messages. Source: FIPS 180-4 examples; NIST SHA test vectors.
 */

/** Bytes that count up: no two blocks of them are alike. */
export function bytesOfLength(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >>> 6)) & 0xff);
}

const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'ascii'));

const LONGER = 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq';
const LONGEST =
  'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn' +
  'hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu';

export const NIST_VECTORS: readonly (readonly [name: string, message: Uint8Array, hash: string])[] =
  [
    [
      'nothing',
      new Uint8Array(0),
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ],
    ['abc', ascii('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['448 bits', ascii(LONGER), '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
    [
      '896 bits',
      ascii(LONGEST),
      'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
    ],
    [
      'a million letters',
      new Uint8Array(1_000_000).fill(0x61),
      'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
    ],
    [
      'a single byte',
      Uint8Array.of(0xbd),
      '68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b',
    ],
    [
      'four bytes',
      Uint8Array.of(0xc9, 0x8c, 0x8e, 0x55),
      '7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504',
    ],
  ];
