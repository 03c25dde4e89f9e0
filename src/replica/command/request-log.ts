/**
 * Prints every request that a site answers: method, path, status, and how long it took.
 *
 * Source: own design.
 */
import type { HttpAnswer, HttpRequest, Site } from '../server/http.js';

/** The status page asks for this every second; a log of that would hide the rest. */
const UNLOGGED_PATH = '/_/dashboard/status.json';

export function withRequestLog(site: Site, print: (line: string) => void): Site {
  return {
    bodySizeMax: (path) => site.bodySizeMax(path),
    refusal: (thrown) => site.refusal(thrown),
    answer: async (request) => {
      const startedAt = performance.now();
      const answer = await answerOrRefusal(site, request);
      if (request.path !== UNLOGGED_PATH) {
        const took = (performance.now() - startedAt).toFixed(1);
        print(`${request.method} ${printable(request.path)} ${answer.status} ${took} ms`);
      }
      return answer;
    },
  };
}

/** Text from outside may hold sequences that terminals obey. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, '\ufffd');
}

async function answerOrRefusal(site: Site, request: HttpRequest): Promise<HttpAnswer> {
  try {
    return await site.answer(request);
  } catch (thrown) {
    return site.refusal(thrown);
  }
}
