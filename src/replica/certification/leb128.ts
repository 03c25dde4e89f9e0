/** Natural numbers in LEB128: seven bits a byte, the lowest first. So the tree holds times. */

const CONTINUES = 0x80n;

export function leb128(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest % CONTINUES;
    rest /= CONTINUES;
    if (rest === 0n) return Uint8Array.of(...bytes, Number(low));
    bytes.push(Number(low | CONTINUES));
  }
}
