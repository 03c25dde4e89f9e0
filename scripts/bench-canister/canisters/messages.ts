/** The subject `messages`: a manager, a queue of tokens, an outbox, and a map of messages. */
import { IDL } from 'azle';
import { update } from '../../../src/azle/index.js';
import { defaultMemory } from '../../../src/lib/index.js';
import { entryOf, plainMessageOf } from './messages/contents.js';
import { ManagerWorks } from './messages/manager-works.js';
import { MapWorks } from './messages/map-works.js';
import { OutboxWorks } from './messages/outbox-works.js';
import type {
  ManagerWork,
  MapWork,
  MessageRequest,
  OutboxWork,
  QueueWork,
} from './messages/plan.js';
import { QueueWorks } from './messages/queue-works.js';
import { openStructures } from './messages/structures.js';

const RequestIdl = IDL.Record({ work: IDL.Text, numbers: IDL.Vec(IDL.Nat64) });

const { manager, queue, outbox, map, recordMap } = openStructures(defaultMemory());
const managerWorks = new ManagerWorks(manager);
const queueWorks = new QueueWorks(queue, manager);
const outboxWorks = new OutboxWorks(outbox);
const mapWorks = new MapWorks(map, entryOf);
const recordMapWorks = new MapWorks(recordMap, plainMessageOf);

/** All methods return the instructions of all operations together. */
export default class {
  @update([RequestIdl], IDL.Nat64)
  work_on_manager(request: MessageRequest<ManagerWork>): bigint {
    return managerWorks.carryOut(request);
  }

  @update([RequestIdl], IDL.Nat64)
  work_on_queue(request: MessageRequest<QueueWork>): bigint {
    return queueWorks.carryOut(request);
  }

  @update([RequestIdl], IDL.Nat64)
  work_on_outbox(request: MessageRequest<OutboxWork>): bigint {
    return outboxWorks.carryOut(request);
  }

  @update([RequestIdl], IDL.Nat64)
  work_on_map(request: MessageRequest<MapWork>): bigint {
    return mapWorks.carryOut(request);
  }

  @update([RequestIdl], IDL.Nat64)
  work_on_record_map(request: MessageRequest<MapWork>): bigint {
    return recordMapWorks.carryOut(request);
  }
}
