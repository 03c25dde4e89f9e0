/**
 * The data canister: named ordered maps in stable memory, ready to use. This file is its Candid
 * edge and nothing more; what the methods do stands in `data-store.ts`.
 *
 * Maps and catalogue live in stable memory all the time, so an upgrade needs no hook: the next
 * version opens what this one left.
 */
import { IDL, inspectMessage, isController, msgCaller, query, update, type Principal } from 'azle';
import { defaultMemory } from '../lib/index.js';
import {
  Answer,
  Blob,
  CreateMapRequest,
  Entry,
  Key,
  MapInfo as MapInfoType,
  Page as PageType,
  ScanRequest as ScanRequestType,
} from './candid';
import { DataStore, type Caller, type MapInfo } from './data-store';
import { typeOfKeyVariant, type Key as KeyValue } from './keys';
import { answer, type Answer as AnswerOf, type KeyVariant } from './refusal';
import type { MapPair, Page, ScanRequest } from './scan';

interface CreateMap {
  name: string;
  key_type: KeyVariant;
  max_key_size: [] | [number];
  max_value_size: [] | [number];
}

const store = new DataStore(defaultMemory());

export default class {
  /** Anonymous writes are turned away before they cost a round; each method checks again. */
  @inspectMessage({ manual: true })
  inspect(): boolean {
    return !msgCaller().isAnonymous();
  }

  @update([CreateMapRequest], Answer(MapInfoType))
  create_map(request: CreateMap): AnswerOf<CandidMapInfo> {
    return answer(() =>
      toCandid(
        store.createMap(caller(), {
          name: request.name,
          keyType: typeOfKeyVariant(request.key_type),
          maxKeySize: request.max_key_size[0],
          maxValueSize: request.max_value_size[0],
        }),
      ),
    );
  }

  @query([], IDL.Vec(MapInfoType))
  list_maps(): CandidMapInfo[] {
    return store.listMaps().map(toCandid);
  }

  @update([IDL.Text, Key, Blob], Answer(IDL.Opt(Blob)))
  insert(map: string, key: KeyValue, value: Uint8Array): AnswerOf<[] | [Uint8Array]> {
    return answer(() => optional(store.insert(caller(), map, { key, value })));
  }

  @update([IDL.Text, IDL.Vec(Entry)], Answer(IDL.Nat64))
  insert_many(map: string, entries: MapPair[]): AnswerOf<bigint> {
    return answer(() => BigInt(store.insertMany(caller(), map, entries)));
  }

  @query([IDL.Text, Key], Answer(IDL.Opt(Blob)))
  get(map: string, key: KeyValue): AnswerOf<[] | [Uint8Array]> {
    return answer(() => optional(store.get(caller(), map, key)));
  }

  @query([IDL.Text, IDL.Vec(Key)], Answer(IDL.Vec(IDL.Opt(Blob))))
  get_many(map: string, keys: KeyValue[]): AnswerOf<([] | [Uint8Array])[]> {
    return answer(() => store.getMany(caller(), map, keys).map(optional));
  }

  @query([IDL.Text, Key], Answer(IDL.Bool))
  contains(map: string, key: KeyValue): AnswerOf<boolean> {
    return answer(() => store.contains(caller(), map, key));
  }

  @update([IDL.Text, Key], Answer(IDL.Opt(Blob)))
  remove(map: string, key: KeyValue): AnswerOf<[] | [Uint8Array]> {
    return answer(() => optional(store.remove(caller(), map, key)));
  }

  @query([IDL.Text], Answer(IDL.Nat64))
  length(map: string): AnswerOf<bigint> {
    return answer(() => BigInt(store.length(caller(), map)));
  }

  @query([IDL.Text, ScanRequestType], Answer(PageType))
  scan(map: string, request: ScanRequest): AnswerOf<Page> {
    return answer(() => store.scan(caller(), map, request));
  }

  @update([IDL.Text, IDL.Principal], Answer(IDL.Null))
  grant(map: string, writer: Principal): AnswerOf<null> {
    return answer(() => done(store.grant(caller(), map, writer)));
  }

  @update([IDL.Text, IDL.Principal], Answer(IDL.Null))
  revoke(map: string, writer: Principal): AnswerOf<null> {
    return answer(() => done(store.revoke(caller(), map, writer)));
  }

  @update([IDL.Text, IDL.Bool], Answer(IDL.Null))
  set_closed(map: string, closed: boolean): AnswerOf<null> {
    return answer(() => done(store.setClosed(caller(), map, closed)));
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
    length: BigInt(info.length),
    memory_id: info.memoryId,
    size_in_pages: BigInt(info.sizeInPages),
  };
}

function caller(): Caller {
  const principal = msgCaller();
  return { principal, isController: isController(principal) };
}

function optional<T>(value: T | undefined): [] | [T] {
  return value === undefined ? [] : [value];
}

/** Candid's `null` for methods that only do something. */
function done(_: void): null {
  return null;
}
