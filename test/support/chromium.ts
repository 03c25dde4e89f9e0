/** A real browser, where there is one. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Whether there is a browser. Where there is none, says what is not tested for want of it. */
export function hasChromium(untested: string): boolean {
  if (existsSync(CHROMIUM)) return true;
  process.stderr.write(
    `${untested}: there is no browser at ${CHROMIUM}. Name one by CHROMIUM_BIN.\n`,
  );
  return false;
}

/** PRECONDITION: {@link hasChromium}. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}
