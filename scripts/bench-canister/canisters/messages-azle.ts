/** Beside the subject `messages`: a map of messages as Azle has it, with JSON. */
import { IDL, StableBTreeMap, update } from 'azle';
import { plainMessageOf, type PlainMessage } from './messages/contents.js';
import { MapWorks } from './messages/map-works.js';
import { AZLE_MAP_MEMORY, type MapWork, type MessageRequest } from './messages/plan.js';

const RequestIdl = IDL.Record({ work: IDL.Text, numbers: IDL.Vec(IDL.Nat64) });

const mapWorks = new MapWorks(
  new StableBTreeMap<bigint, PlainMessage>(AZLE_MAP_MEMORY),
  plainMessageOf,
);

export default class {
  /** Returns the instructions of all operations together. */
  @update([RequestIdl], IDL.Nat64)
  work_on_map(request: MessageRequest<MapWork>): bigint {
    return mapWorks.carryOut(request);
  }
}
