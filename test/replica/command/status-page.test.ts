/**
 * The status page in a real browser: it follows the replica by itself, and shows what canisters call
 * themselves as text.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';

import { RecentCalls } from '../../../src/replica/command/recent-calls.js';
import { ReplicaSite } from '../../../src/replica/command/replica-site.js';
import { statusOf } from '../../../src/replica/command/status.js';
import { listen, type Listener } from '../../../src/replica/server/http-server.js';
import { Instance } from '../../../src/replica/server/instance.js';
import { hasChromium, launchChromium } from '../../support/chromium.js';
import { Bench, CONTROLLER } from '../support.js';

jest.setTimeout(60_000); // A browser starts.

const HOSTILE = `<img src=x onerror="document.title='owned'">`;

/** Names its method like a tag, as anybody may, and complains in the same way. */
const HOSTILE_CANISTER = `
  (data (i32.const 0) "<script>document.title='owned'</script>")
  (func (export "canister_update ${HOSTILE.replaceAll('"', '\\"')}") (call $reply_i32 (i32.const 1)))
  (func (export "canister_update complain") (call $trap (i32.const 0) (i32.const 39)))`;

const bench = new Bench({ time: 1_760_000_000_000_000_000n });
const calls = new RecentCalls();
bench.replica.watch(calls.watcher);
const status = { replica: bench.replica, calls, version: '1.2.3', directory: undefined };

let listener: Listener;
let url: string;

beforeAll(async () => {
  listener = await listen(new ReplicaSite(new Instance(0, bench.replica, true), status));
  url = `http://127.0.0.1:${listener.port}`;
});
afterAll(() => listener.stop());

test('the status names everything, the latest call first', () => {
  const id = bench.deploy(HOSTILE_CANISTER);
  bench.update(id, HOSTILE);
  const told = JSON.parse(statusOf(status)) as Record<string, never[]>;
  expect(told['canisters']).toEqual([
    expect.objectContaining({
      id: id.toText(),
      status: 'running',
      cycles: '1000000',
      heap: 65_536,
      stable: 0,
      controllers: [CONTROLLER.toText()],
    }),
  ]);
  expect(told['callCount']).toBe(3);
  expect(told['calls']![0]).toMatchObject({ method: HOSTILE, kind: 'update', result: 'replied' });
  expect(told['rootKey']).toMatch(/^3081/);
});

test('only the last calls are kept, and heartbeats that end well are none', () => {
  const recent = new RecentCalls();
  const hear = (mode: string, result: 'done' | 'trapped') =>
    recent.watcher({ canisterId: CONTROLLER, caller: CONTROLLER, mode, method: '', time: 0n })({
      result,
      text: '',
      instructions: 0n,
    });
  hear('heartbeat', 'done');
  hear('inspect message', 'done');
  expect(recent.count).toBe(0);
  hear('heartbeat', 'trapped');
  for (let count = 0; count < 60; count++) hear('update', 'done');
  expect([recent.count, recent.list().length, recent.list()[0]!.number]).toEqual([61, 50, 61]);
});

if (hasChromium('The status page is not looked at in a browser')) inBrowser();

function inBrowser(): void {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  async function open(width: number, complaints: string[]): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${url}/`);
    await page.waitForSelector('#canisters table');
    return page;
  }

  test('the page follows the replica without being loaded again', async () => {
    const complaints: string[] = [];
    const page = await open(1200, complaints);
    const before = Number(await page.textContent('#call-count'));
    const id = bench.deploy(HOSTILE_CANISTER);
    bench.update(id, 'complain');
    await page.waitForFunction(
      (count) => document.getElementById('call-count')!.textContent === String(count),
      before + 3,
    );
    const link = page.locator(`#canisters a:text-is("${id.toText()}")`);
    expect(await link.getAttribute('href')).toBe(
      `http://${id.toText()}.localhost:${listener.port}/`,
    );
    expect(await page.locator('#calls tbody tr').first().textContent()).toContain('trapped');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('what a canister calls itself is text, never markup', async () => {
    const complaints: string[] = [];
    const page = await open(1200, complaints);
    expect(await page.locator('#calls').textContent()).toContain(HOSTILE);
    expect(await page.locator('#calls img, #calls script').count()).toBe(0);
    expect(await page.title()).toBe('Replica');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each([320, 375, 740, 1440])('nothing sticks out at a width of %d', async (width) => {
    const page = await open(width, []);
    const [content, view] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(content).toBeLessThanOrEqual(view!);
    await page.close();
  });
}
