/**
 * The port file: how a client finds the server that it started, or one that already runs. It is
 * created before the server listens and filled afterwards; who finds it there already leaves the
 * field to the other server. It goes away with the process.
 *
 * Source: specs/replica.md section 1.1.
 */
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';

export class PortFile {
  private constructor(readonly path: string) {}

  /** Undefined where the file exists: another server is in charge. */
  static claim(path: string): PortFile | undefined {
    try {
      closeSync(openSync(path, 'wx'));
      return new PortFile(path);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw thrown;
    }
  }

  write(port: number): void {
    writeFileSync(this.path, `${port}\n`);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
