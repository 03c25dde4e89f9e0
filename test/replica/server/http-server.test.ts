/** The HTTP server: what it passes on, what it bounds, and what cannot bring it down. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { HttpAnswer, HttpRequest, Site } from '../../../src/replica/server/http.js';
import { jsonAnswer, textAnswer } from '../../../src/replica/server/http.js';
import { listen, type Listener } from '../../../src/replica/server/http-server.js';
import { RequestError } from '../../../src/replica/server/wire.js';

const BODY_SIZE_MAX = 1000;

class EchoSite implements Site {
  readonly requests: HttpRequest[] = [];
  next: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer> = () => textAnswer('ok');

  bodySizeMax(): number {
    return BODY_SIZE_MAX;
  }

  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    this.requests.push(request);
    return this.next(request);
  }

  refusal(thrown: unknown): HttpAnswer {
    const status = thrown instanceof RequestError ? thrown.status : 500;
    return jsonAnswer(JSON.stringify((thrown as Error).message), status);
  }
}

let site: EchoSite;
let listener: Listener;
let url: string;
const counted: number[] = [];

beforeEach(async () => {
  site = new EchoSite();
  counted.length = 0;
  listener = await listen(site, { onRequest: (change) => counted.push(change) });
  url = `http://127.0.0.1:${listener.port}`;
});

afterEach(() => listener.stop());

async function socket(): Promise<Socket> {
  const connection = connect(listener.port, '127.0.0.1');
  await once(connection, 'connect');
  return connection;
}

/** What the server says to raw bytes, up to the end of the connection. */
async function say(bytes: string): Promise<string> {
  const connection = await socket();
  connection.end(bytes);
  let heard = '';
  for await (const piece of connection) heard += String(piece);
  return heard;
}

describe('a request', () => {
  test('arrives with method, path, query, headers and body', async () => {
    await fetch(`${url}/a%20b?c=%20d&e`, {
      method: 'PUT',
      headers: { 'X-Some': 'Thing' },
      body: 'in',
    });
    const [request] = site.requests;
    expect(request).toMatchObject({ method: 'PUT', path: '/a%20b', query: 'c=%20d&e' });
    expect(request!.headers).toContainEqual(['x-some', 'Thing']);
    expect(Buffer.from(request!.body).toString()).toBe('in');
    expect(counted).toEqual([1, -1]);
  });

  test.each([
    ['//', '//', ''],
    ['/?', '/', ''],
    ['/a?b?c', '/a', 'b?c'],
    ['http://host.example/a?b', '/a', 'b'],
    ['http://[/a', '/a', ''],
    ['*', '*', ''],
  ])('for %s has the path %s and the query "%s"', async (target, path, query) => {
    await say(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(site.requests).toMatchObject([{ path, query }]);
  });

  test('of HEAD gets headers only', async () => {
    const answer = await fetch(url, { method: 'HEAD' });
    expect([answer.headers.get('content-length'), await answer.text()]).toEqual(['2', '']);
  });

  test('follows another one on the same connection', async () => {
    const line = 'GET / HTTP/1.1\r\nhost: x\r\n';
    const heard = await say(`${line}\r\n${line}connection: close\r\n\r\n`);
    expect(heard.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(heard).toContain('Keep-Alive: timeout=600');
  });
});

describe('a body', () => {
  const post = (size: number): Promise<Response> =>
    fetch(url, { method: 'POST', body: new Uint8Array(size) });

  test('is taken up to the limit, and refused beyond it', async () => {
    expect((await post(BODY_SIZE_MAX)).status).toBe(200);
    const refused = await post(BODY_SIZE_MAX + 1);
    expect([refused.status, await refused.json()]).toEqual([
      413,
      'the body has 1001 bytes, more than the limit of 1000',
    ]);
    expect((await post(5_000_000)).status).toBe(413);
    expect(site.requests).toHaveLength(1);
  });

  test('may come in pieces of the client’s choice', async () => {
    const heard = await say(
      'POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n' +
        '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
    );
    expect(heard).toMatch(/^HTTP\/1.1 200/);
    expect(Buffer.from(site.requests[0]!.body).toString()).toBe('abc');
  });
});

describe('an answer', () => {
  test('goes out with its status and its headers, also twice the same', async () => {
    site.next = () => ({
      status: 418,
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
      body: '',
    });
    const { status, headers } = await fetch(url);
    expect([status, headers.getSetCookie()]).toEqual([418, ['a=1', 'b=2']]);
  });

  test('in pieces is asked for as it is taken, and not at all for HEAD', async () => {
    let made = 0;
    function* pieces(): Generator<Uint8Array> {
      for (; made < 100; made++) yield new Uint8Array(10_000).fill(made);
    }
    site.next = () => ({ status: 200, headers: [], body: pieces() });
    await fetch(url, { method: 'HEAD' });
    expect(made).toBe(0);
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(1_000_000);
  });

  test('that breaks off ends its connection, and no other', async () => {
    function* broken(): Generator<Uint8Array> {
      yield new Uint8Array(10);
      throw new Error('no more');
    }
    site.next = () => ({ status: 200, headers: [], body: broken() });
    await expect(fetch(url).then((answer) => answer.arrayBuffer())).rejects.toThrow();
    site.next = () => textAnswer('still here');
    expect(await (await fetch(url)).text()).toBe('still here');
  });

  test('that cannot be made is an error the site words', async () => {
    site.next = () => Promise.reject(new Error('oops'));
    const answer = await fetch(url);
    expect([answer.status, await answer.json()]).toEqual([500, 'oops']);
  });

  test('that HTTP cannot carry ends the connection', async () => {
    site.next = () => ({ status: 200, headers: [['a b', 'c']], body: '' });
    await expect(fetch(url)).rejects.toThrow();
    site.next = () => textAnswer('still here');
    expect(await (await fetch(url)).text()).toBe('still here');
  });
});

describe('the server outlives', () => {
  afterEach(async () => {
    expect((await fetch(url)).status).toBe(200);
  });

  test.each([
    ['noise', '\0\x01\x02\r\n\r\n'],
    ['an unknown version', 'GET / HTTP/9.9\r\n\r\n'],
    ['a header without end', `GET / HTTP/1.1\r\na: ${'b'.repeat(100_000)}`],
    ['two lengths', 'POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['a chunk of no size', 'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('%s', async (_, bytes) => {
    expect(await say(bytes)).toMatch(/^HTTP\/1.1 4\d\d/);
    expect(site.requests).toEqual([]);
  });

  test('a client that goes away within its request', async () => {
    const connection = await socket();
    connection.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\nhalf');
    connection.resetAndDestroy();
    await once(connection, 'close');
    expect(site.requests).toEqual([]);
  });

  test('a client that goes away before its answer', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    site.next = () => released.then(() => textAnswer('too late'));
    const connection = await socket();
    connection.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    while (site.requests.length === 0) await new Promise(setImmediate);
    connection.resetAndDestroy();
    await once(connection, 'close');
    release();
    while (counted.length < 2) await new Promise(setImmediate);
    site.next = () => textAnswer('ok');
  });
});

test('a thousand requests at once are all answered', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 1000 }, async () => (await fetch(url)).status),
  );
  expect(statuses).toEqual(Array(1000).fill(200));
}, 60_000);
