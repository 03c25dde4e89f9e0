/**
 * The data canister: named ordered maps in stable memory, ready to use. This file is its Candid
 * edge and nothing more; what the methods do stands in `data-store.ts`.
 *
 * Maps and catalogue live in stable memory all the time, so an upgrade loses nothing: the next
 * version opens what this one left. Only the certified data and the timer of the outbox are to be
 * set again.
 */
import {
  call,
  certifiedDataSet,
  dataCertificate,
  IDL,
  isController,
  msgCaller,
  time,
  type Principal,
} from 'azle';
import {
  courier,
  inspectMessage,
  postUpgrade,
  query,
  update,
  type Courier,
} from '../azle/index.js';
import type { EncodedVec } from '../lib/candid/encoded-vec.js';
import { defaultMemory } from '../lib/index.js';
import { signatures } from './candid';
import { DataStore, type Caller, type MapInfo } from './data-store';
import { typeOfKeyVariant, type Key as KeyValue } from './keys';
import type { Call, CallLetter, DeadLetters, OutboxStatus } from './outbox';
import { answer, RefusalError, type Answer, type KeyVariant, type OutboxRefusal } from './refusal';
import type { MapPair, Page, ScanRequest } from './scan';

interface CreateMap {
  name: string;
  key_type: KeyVariant;
  max_key_size: [] | [number];
  max_value_size: [] | [number];
  certified: [] | [boolean];
}

const method = signatures(IDL);
const store = new DataStore(defaultMemory(), {}, { certify: certifiedDataSet });

export default class {
  /** Anonymous writes are turned away before they cost a round; each method checks again. */
  @inspectMessage({ manual: true })
  inspect(): boolean {
    return !msgCaller().isAnonymous();
  }

  /** Whoever upgrades may send any argument, or no bytes at all. */
  @postUpgrade([], { manual: true })
  goOn(): void {
    store.certify();
    deliverLetters();
  }

  @update(...method.create_map)
  create_map(request: CreateMap): Answer<CandidMapInfo> {
    return answer(() =>
      toCandid(
        store.createMap(caller, {
          name: request.name,
          keyType: typeOfKeyVariant(request.key_type),
          maxKeySize: request.max_key_size[0],
          maxValueSize: request.max_value_size[0],
          isCertified: request.certified[0],
        }),
      ),
    );
  }

  @query(...method.list_maps)
  list_maps(): CandidMapInfo[] {
    return store.listMaps().map(toCandid);
  }

  @update(...method.insert)
  insert(map: string, key: KeyValue, value: Uint8Array): Answer<[] | [Uint8Array]> {
    return answer(() => optional(store.insert(caller, map, { key, value })));
  }

  @update(...method.insert_many)
  insert_many(map: string, entries: MapPair[]): Answer<bigint> {
    return answer(() => BigInt(store.insertMany(caller, map, entries)));
  }

  @query(...method.get)
  get(map: string, key: KeyValue): Answer<[] | [Uint8Array]> {
    return answer(() => optional(store.get(caller, map, key)));
  }

  @query(...method.get_certified)
  get_certified(map: string, key: KeyValue): Answer<CertifiedValue> {
    return answer(() => {
      const { value, witness } = store.getCertified(caller, map, key);
      return { value: optional(value), certificate: certificate(), witness };
    });
  }

  @query(...method.get_many)
  get_many(map: string, keys: KeyValue[]): Answer<([] | [Uint8Array])[]> {
    return answer(() => store.getMany(caller, map, keys).map(optional));
  }

  @query(...method.contains)
  contains(map: string, key: KeyValue): Answer<boolean> {
    return answer(() => store.contains(caller, map, key));
  }

  @update(...method.remove)
  remove(map: string, key: KeyValue): Answer<[] | [Uint8Array]> {
    return answer(() => optional(store.remove(caller, map, key)));
  }

  @query(...method.length)
  length(map: string): Answer<bigint> {
    return answer(() => BigInt(store.length(caller, map)));
  }

  @query(...method.scan)
  scan(map: string, request: ScanRequest): Answer<Page<MapPair[] | EncodedVec>> {
    return answer(() => store.scanReply(caller, map, request));
  }

  @update(...method.grant)
  grant(map: string, writer: Principal): Answer<null> {
    return done(() => store.grant(caller, map, writer));
  }

  @update(...method.revoke)
  revoke(map: string, writer: Principal): Answer<null> {
    return done(() => store.revoke(caller, map, writer));
  }

  @update(...method.outbox_enqueue)
  outbox_enqueue(request: CallRequest): OutboxAnswer<bigint> {
    return answer(() => {
      const [delay, deadline] = [request.delay[0], request.deadline[0]];
      const token = store.outbox.enqueue(caller, time(), { ...request, delay, deadline });
      deliverLetters();
      return token;
    });
  }

  @query(...method.outbox_status)
  outbox_status(): OutboxAnswer<CandidStatus> {
    return answer(() => statusToCandid(store.outbox.status(caller)));
  }

  @query(...method.outbox_letter)
  outbox_letter(token: bigint): OutboxAnswer<[] | [CandidLetter]> {
    return answer(() => {
      const letter = store.outbox.letter(caller, token);
      return letter === undefined ? [] : [letterToCandid(letter)];
    });
  }

  @query(...method.outbox_dead_letters)
  outbox_dead_letters(after: [] | [bigint], limit: [] | [number]): OutboxAnswer<CandidDeadLetters> {
    return answer(() => listToCandid(store.outbox.deadLetters(caller, after[0], limit[0])));
  }

  @update(...method.outbox_retry)
  outbox_retry(token: bigint): OutboxAnswer<null> {
    return done(() => {
      store.outbox.retry(caller, time(), token);
      deliverLetters();
    });
  }

  @update(...method.outbox_discard)
  outbox_discard(token: bigint): OutboxAnswer<null> {
    return done(() => store.outbox.discard(caller, token));
  }

  @update(...method.set_closed)
  set_closed(map: string, closed: boolean): Answer<null> {
    return done(() => store.setClosed(caller, map, closed));
  }
}

let post: Courier<Call> | undefined;

/** Sets the timer of the outbox, where there is one: after an upgrade, and for a new letter. */
function deliverLetters(): void {
  const letters = store.outbox.lettersToDeliver;
  if (letters === undefined) return;
  post ??= courier(letters, ({ payload: { canister, method, arg } }) =>
    call(canister.toText(), method, { args: arg, raw: true }),
  );
  post.arm();
}

type OutboxAnswer<T> = Answer<T, OutboxRefusal>;

interface CallRequest extends Call {
  delay: [] | [bigint];
  deadline: [] | [bigint];
}

type CandidStatus = ReturnType<typeof statusToCandid>;

function statusToCandid({ nextDue, ...usage }: OutboxStatus) {
  return { ...usage, next_due: optional(nextDue) };
}

type CandidLetter = ReturnType<typeof letterToCandid>;

function letterToCandid(letter: CallLetter) {
  const { token, attempts, payload } = letter;
  return {
    ...payload,
    token: token as bigint,
    state: { [letter.state.replace('-', '_')]: null },
    attempts,
    reason: optional(letter.reason),
    due_at: optional(letter.dueAt),
    enqueued_at: letter.enqueuedAt,
    deadline: optional(letter.deadline),
  };
}

type CandidDeadLetters = ReturnType<typeof listToCandid>;

function listToCandid({ letters, next }: DeadLetters) {
  return { letters: letters.map(letterToCandid), next: optional<bigint>(next) };
}

type CandidMapInfo = ReturnType<typeof toCandid>;

function toCandid(info: MapInfo) {
  return {
    name: info.name,
    key_type: { [info.keyType]: null },
    max_key_size: info.maxKeySize,
    max_value_size: info.maxValueSize,
    closed: info.isClosed,
    certified: info.isCertified,
    length: BigInt(info.length),
    memory_id: info.memoryId,
    size_in_pages: BigInt(info.sizeInPages),
  };
}

/** What a client checks: the value by the witness, the witness by the certificate. */
interface CertifiedValue {
  value: [] | [Uint8Array];
  certificate: Uint8Array;
  witness: Uint8Array;
}

function certificate(): Uint8Array {
  const found = dataCertificate();
  if (found === undefined) throw new RefusalError({ NoCertificate: null });
  return found;
}

/** The caller of the message under way. */
const caller: Caller = {
  get principal() {
    return msgCaller();
  },
  get isController() {
    return isController(msgCaller());
  },
};

function optional<T>(value: T | undefined): [] | [T] {
  return value === undefined ? [] : [value];
}

/** For methods that only do something: their answer is Candid's `null`. */
function done<R extends object>(action: () => void): Answer<null, R> {
  return answer(() => {
    action();
    return null;
  });
}
