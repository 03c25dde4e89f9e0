/**
 * The IC's own interface of an instance, for whoever serves HTTP: below `/instances/{id}`, or at
 * the root of a gateway.
 *
 * Source: specs/replica.md section 1.3.
 */
import { answerApi } from './api/api.js';
import { answerOf, headerOf, type HttpAnswer, type HttpRequest } from './http.js';
import type { Instance } from './instance.js';

export function isApiPath(path: string): boolean {
  return path.startsWith('/api/');
}

/** The path begins with `/api/`, wherever the interface is mounted. */
export function apiAnswer(instance: Instance, request: HttpRequest, path: string): HttpAnswer {
  const { status, type, body } = answerApi(instance.replica, {
    method: request.method,
    path,
    contentType: headerOf(request, 'content-type'),
    body: request.body,
    validates: instance.validatesIngress,
  });
  return answerOf(status, type, body);
}
