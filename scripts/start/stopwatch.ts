/** How long the parts of a run take, and what share of the whole each has. */

interface Part {
  readonly name: string;
  readonly milliseconds: number;
}

export class Stopwatch {
  readonly #parts: Part[] = [];

  /** Does the work as a part of the run, and says how long it took. */
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await work();
    const milliseconds = performance.now() - startedAt;
    this.#parts.push({ name, milliseconds });
    console.log(`${name}: ${seconds(milliseconds)}`);
    return result;
  }

  /** The parts with their shares, the rest, and the whole since the process has started. */
  lines(): string[] {
    const whole = performance.now();
    const measured = this.#parts.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const rows = [...this.#parts, { name: 'the rest', milliseconds: whole - measured }];
    const width = Math.max(...rows.map(({ name }) => name.length));
    const lines = rows.map(({ name, milliseconds }) => {
      const share = `${((milliseconds / whole) * 100).toFixed(0)} %`;
      return `  ${name.padEnd(width)}  ${seconds(milliseconds).padStart(8)}  ${share.padStart(5)}`;
    });
    return [...lines, `  ${'all'.padEnd(width)}  ${seconds(whole).padStart(8)}  100 %`];
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
