/**
 * A request that is refused before anything is done about it: it is malformed, too old, or not from
 * whom it says. The sender is told in plain text, with a status of HTTP.
 *
 * It is an exception and not a value: a request is taken apart in many small steps, none of which
 * has anything else to do when one fails.
 */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}
