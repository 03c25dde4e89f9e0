/** Has the canisters work on messages, and notes what that costs. */
import { IDL } from '@dfinity/candid';
import { shuffled } from '../../bench/random.js';
import {
  MANAGER_WORKS,
  MAP_WORKS,
  OUTBOX_WORKS,
  QUEUE_WORKS,
  SAMPLE,
  type MessageRequest,
} from '../canisters/messages/plan.js';
import type { Figure } from '../figures.js';
import type { Method, Session } from '../session.js';
import { withAzleMap, withLetters, withMaps, withMessages } from './filling.js';

const SEED = 1;
const FIRST_GENERATION = 1n << 32n;

/** What has the messages. */
export type Holder =
  | 'StableMessageManager'
  | 'TokenQueue'
  | 'Outbox'
  | 'BTreeMap of blobs'
  | 'BTreeMap of records'
  | 'StableBTreeMap';

/** What a work is called in the figures, with so many messages. */
export function messageWorkName(holder: Holder, work: string, count: number): string {
  return `${work} ${holder} ${count}`;
}

/** Of the canister `messages`, with so many messages. */
export function measureMessages(session: Session, empty: Uint8Array, count: number): Figure[] {
  return [
    ...measureTokens(session, withMessages(empty, count), count),
    ...measureOutbox(session, withLetters(empty, count), count),
    ...measureOurMaps(session, withMaps(empty, count), count),
  ];
}

/** Of the canister `messages-azle`. */
export function measureAzleMap(session: Session, empty: Uint8Array, count: number): Figure[] {
  session.restart(withAzleMap(empty, count));
  return measureMap(session, 'StableBTreeMap', 'work_on_map', count);
}

/** The queue comes first: the messages of these tokens are freed by the works on the manager. */
function measureTokens(session: Session, image: Uint8Array, count: number): Figure[] {
  session.restart(image);
  const tokens = sampleOf(count).map((number) => FIRST_GENERATION | number);
  const measure = measurerOf(session, count);
  return [
    ...QUEUE_WORKS.map((work) => measure('work_on_queue', 'TokenQueue', work, tokens)),
    ...MANAGER_WORKS.map((work) =>
      measure('work_on_manager', 'StableMessageManager', work, tokens),
    ),
  ];
}

/** All moments are those behind the last letter, so the oldest letters are due. */
function measureOutbox(session: Session, image: Uint8Array, count: number): Figure[] {
  session.restart(image);
  const measure = measurerOf(session, count);
  const moments = sampleOf(count).map((_, place) => BigInt(count + place));
  return OUTBOX_WORKS.map((work) => measure('work_on_outbox', 'Outbox', work, moments));
}

function measureOurMaps(session: Session, image: Uint8Array, count: number): Figure[] {
  session.restart(image);
  return [
    ...measureMap(session, 'BTreeMap of blobs', 'work_on_map', count),
    ...measureMap(session, 'BTreeMap of records', 'work_on_record_map', count),
  ];
}

function measureMap(session: Session, holder: Holder, method: string, count: number): Figure[] {
  const sample = sampleOf(count);
  const measure = measurerOf(session, count);
  return MAP_WORKS.map((work) => {
    const numbers = work === 'insert' ? sample.map((_, place) => BigInt(count + place)) : sample;
    return measure(method, holder, work, numbers);
  });
}

function measurerOf(session: Session, count: number) {
  return (method: string, holder: Holder, work: string, numbers: readonly bigint[]): Figure => {
    const request: MessageRequest = { work, numbers };
    const instructions = Number(session.call(methodOf(method), request).result);
    const operations = numbers.length;
    return {
      work: messageWorkName(holder, work, count),
      subject: 'messages',
      instructions,
      operations,
    };
  };
}

function methodOf(name: string): Method {
  const request = IDL.Record({ work: IDL.Text, numbers: IDL.Vec(IDL.Nat64) });
  return { name, mode: 'update', parameters: [request], results: [IDL.Nat64] };
}

/** Numbers of messages in no order, which are spread over all of them. */
function sampleOf(count: number): bigint[] {
  const stride = Math.floor(count / SAMPLE);
  return shuffled(
    SEED,
    Array.from({ length: SAMPLE }, (_, place) => BigInt(place * stride)),
  );
}
