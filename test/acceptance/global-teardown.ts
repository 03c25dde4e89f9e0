/** Stops the server that `global-setup.ts` started. */
import type { PocketIcServer } from '@dfinity/pic';

export default async function tearDown(): Promise<void> {
  await (globalThis as { picServer?: PocketIcServer }).picServer?.stop();
}
