/** Messages shared by a page and its worker, in a real browser, whose main thread must not block. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { hasChromium, launchChromium } from '../../support/chromium.js';
import { compileModules } from '../../support/compiled-modules.js';
import { scratchFolder } from '../../support/scratch.js';

jest.setTimeout(60_000); // A browser starts.

/** Without them a browser shares no memory with workers. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const PAGE = '<!doctype html><script type="module" src="/test/support/message-page.js"></script>';

const path = scratchFolder();

/** The page, and the modules in the scratch folder. */
const server: Server = createServer((request, response) => {
  if (request.url === '/') {
    response.writeHead(200, { ...ISOLATION, 'Content-Type': 'text/html' }).end(PAGE);
    return;
  }
  void readFile(path(`modules${request.url}`)).then(
    (code) =>
      response.writeHead(200, { ...ISOLATION, 'Content-Type': 'text/javascript' }).end(code),
    () => response.writeHead(404).end(),
  );
});

const UNTESTED = 'Messages are not shared in a browser';

if (hasChromium(UNTESTED)) inBrowser();
else
  test('there is no browser to share messages in', () => expect(hasChromium(UNTESTED)).toBe(false));

function inBrowser(): void {
  let browser: Browser;

  beforeAll(async () => {
    compileModules('test/support/message-page.ts', path('modules'));
    compileModules('test/support/message-page-worker.ts', path('modules'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test('the main thread is refused at once, never blocks, and awaits what the worker commits', async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => 'outcome' in globalThis);
    const outcome = await page.evaluate(() => (globalThis as { outcome?: unknown }).outcome);
    expect(outcome).toEqual(['ALREADY_BORROWED', 'UNSUPPORTED_OPERATION', [7]]);
    expect(complaints).toEqual([]);
  });
}
