/**
 * The data canister: named ordered maps in stable memory, ready to use. This file is its Candid
 * edge and nothing more; what the methods do stands in `data-store.ts`.
 *
 * Maps and catalogue live in stable memory all the time, so an upgrade loses nothing: the next
 * version opens what this one left. Only the certified data are to be set again.
 */
import {
  certifiedDataSet,
  dataCertificate,
  IDL,
  isController,
  msgCaller,
  type Principal,
} from 'azle';
import { inspectMessage, postUpgrade, query, update } from '../azle/index.js';
import type { EncodedVec } from '../lib/candid/encoded-vec.js';
import { defaultMemory } from '../lib/index.js';
import { signatures } from './candid';
import { DataStore, type Caller, type MapInfo } from './data-store';
import { typeOfKeyVariant, type Key as KeyValue } from './keys';
import { answer, RefusalError, type Answer, type KeyVariant } from './refusal';
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
  certify(): void {
    store.certify();
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

  @update(...method.set_closed)
  set_closed(map: string, closed: boolean): Answer<null> {
    return done(() => store.setClosed(caller, map, closed));
  }
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
function done(action: () => void): Answer<null> {
  return answer(() => {
    action();
    return null;
  });
}
