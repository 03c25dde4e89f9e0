/**
 * Serves the status page. It is one file, `status-page.html`, with its style and its script in it;
 * the policy below lets nothing else in, so that even a text that got through as markup could
 * neither run nor call home.
 *
 * Source: own design; Content Security Policy level 3.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { answerOf, type HttpAnswer } from '../server/http.js';
import { statusOf, type StatusSource } from './status.js';

const PAGE = readFileSync(new URL('./status-page.html', import.meta.url), 'utf8');

const POLICY = [
  "default-src 'none'",
  `script-src ${hashOf('script')}`,
  `style-src ${hashOf('style')}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function statusPage(): HttpAnswer {
  return answerOf(200, 'text/html; charset=utf-8', PAGE, [
    ['content-security-policy', POLICY],
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
  ]);
}

/** Not for pages of other origins: it is about this machine. */
export function statusJson(source: StatusSource): HttpAnswer {
  return answerOf(200, 'application/json', statusOf(source), [
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
  ]);
}

/** What stands between the tags, as the policy names it. */
function hashOf(tag: 'script' | 'style'): string {
  const content = new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`).exec(PAGE)![1]!;
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
