/**
 * Changes a journal so that a recovery takes for a record what it must not: to see that a sweep
 * finds a recovery that leaves a check out, without one that does.
 */
import { readBigU64, writeBigU64, writeU64 } from '../../../src/lib/bytes.js';
import { crc64 } from '../../../src/lib/crc64.js';
import { readGeneration, RECORDS_OFFSET } from '../../../src/lib/journaled-memory/generation.js';
import {
  readRecordAt,
  RECORD_LAYOUT,
  recordLengthAt,
  type RecordId,
} from '../../../src/lib/journaled-memory/record.js';
import type { Storage } from '../../../src/lib/storage.js';

const { record: FIELDS } = RECORD_LAYOUT;

/** Makes what lies behind the last record pass the check that is named. */
export function trustingJournal(journal: Storage, check: 'checksum' | 'generation'): void {
  const generation = readGeneration(journal);
  if (generation === undefined || generation.isClosed) return;
  const id = { generation: generation.number, number: 0 };
  let end = RECORDS_OFFSET;
  for (let record = readRecordAt(journal, end, id); record;) {
    end += record.length;
    id.number += 1;
    record = readRecordAt(journal, end, id);
  }
  if (check === 'checksum') sign(journal, end, recordLengthAt(journal, end, id), id);
  else sign(journal, end, oldRecordLength(journal, end), id);
}

/** The length of a whole record of an older generation at `offset`; -1 where there is none. */
function oldRecordLength(journal: Storage, offset: number): number {
  if (journal.length() - offset < FIELDS.ranges) return -1;
  const start = new Uint8Array(FIELDS.ranges);
  journal.read(offset, start);
  const generation = Number(readBigU64(start, FIELDS.generation));
  const number = Number(readBigU64(start, FIELDS.number));
  return readRecordAt(journal, offset, { generation, number })?.length ?? -1;
}

/** Gives `length` bytes at `offset` the id and a checksum that holds. */
function sign(journal: Storage, offset: number, length: number, id: RecordId): void {
  if (length < 0) return;
  const record = new Uint8Array(length);
  journal.read(offset, record);
  writeU64(record, FIELDS.generation, id.generation);
  writeU64(record, FIELDS.number, id.number);
  writeBigU64(record, FIELDS.checksum, crc64(record, FIELDS.length));
  journal.write(offset, record);
}
