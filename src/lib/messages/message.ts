/**
 * A message: a header and a payload. It never changes, so neither can disagree with the other; an
 * edit of a stored message goes through a write guard of its manager.
 *
 * Source: `specs/limen.md` section 1.4; crate `limen-core`, `Message`.
 */
import type { BufferDescriptor, Describe } from './buffer-descriptor.js';
import { MESSAGE_HEADER_SIZE } from './header-bytes.js';
import { messageHeader, type HeaderFields, type MessageHeader } from './message-header.js';

/**
 * A message.
 *
 * @example
 * const message = Message.of('wake up', { traceId: 7n, qos: 'latency-critical' });
 * message.header.traceId; // 7n
 */
export class Message<P> {
  /**
   * With a whole header, such as that of another message; a sender takes {@link Message.of}.
   * PRECONDITION: the header comes from `messageHeader` or from a manager; it is not checked again.
   */
  constructor(
    readonly header: MessageHeader,
    readonly payload: P,
  ) {}

  /** A message with these fields in its header. Throws as {@link messageHeader} does. O(1). */
  static of<P>(payload: P, fields: HeaderFields = {}): Message<P> {
    return new Message(messageHeader(fields), payload);
  }

  /** The sender's part of the header with another payload: no manager has stamped that one. */
  withPayload<Q>(payload: Q): Message<Q> {
    return Message.of(payload, this.header);
  }

  /** As {@link withPayload}, with what `map` makes of the payload. */
  mapPayload<Q>(map: (payload: P) => Q): Message<Q> {
    return this.withPayload(map(this.payload));
  }

  /** The same payload with other fields of the header. Throws as {@link messageHeader} does. */
  withHeader(fields: HeaderFields): Message<P> {
    return Message.of(this.payload, { ...this.header, ...fields });
  }

  /** The bytes of the whole message: 56 of the header, and the payload's. */
  describe(payload: Describe<P>): BufferDescriptor {
    return { byteLength: MESSAGE_HEADER_SIZE + payload(this.payload).byteLength };
  }
}
