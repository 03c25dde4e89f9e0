/**
 * For how long nobody has wanted anything. A request that is under way keeps the server busy,
 * however long it takes; the time counts from the end of the last one.
 *
 * Source: dfinity/ic, `bump_last_request_timestamp`.
 */
export class IdleTime {
  #since = Date.now();
  #underWay = 0;

  /** A request came (1) or was answered (-1). */
  count(change: 1 | -1): void {
    this.#underWay += change;
    this.#since = Date.now();
  }

  get inMs(): number {
    return this.#underWay > 0 ? 0 : Date.now() - this.#since;
  }
}
