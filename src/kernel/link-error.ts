/** What a canister that cannot be linked is refused with. The message ends with what to do. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}
