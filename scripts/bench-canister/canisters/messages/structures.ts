/** The structures of the canister `messages`, each in a virtual memory of its own. */
import {
  blob,
  BTreeMap,
  bytes,
  MemoryManager,
  Outbox,
  record,
  StableMessageManager,
  text,
  TokenQueue,
  u64,
  type Memory,
} from '../../../../src/lib/index.js';
import { ENTRY_SIZE, PAYLOAD_SIZE } from './contents.js';

/** Room for the largest number of messages that are measured, and for those that come on top. */
const CAPACITY = 1_010_000;

/** The fields of a message, for a map. */
const MESSAGE_RECORD = record({
  traceId: u64,
  sequence: u64,
  creationTick: u64,
  deadline: u64,
  qos: text,
  payload: blob(PAYLOAD_SIZE),
});

/** Opens them in a memory, be it the canister's or an image of it. */
export function openStructures(memory: Memory) {
  const memories = MemoryManager.init(memory);
  return {
    manager: StableMessageManager.init(memories.get(0), {
      codec: bytes,
      payloadSizeMax: PAYLOAD_SIZE,
      capacity: CAPACITY,
    }),
    queue: TokenQueue.init(memories.get(1), { maxCount: CAPACITY }),
    map: BTreeMap.init(memories.get(2), u64, blob(ENTRY_SIZE)),
    recordMap: BTreeMap.init(memories.get(5), u64, MESSAGE_RECORD),
    outbox: Outbox.init(
      { messages: memories.get(3), schedule: memories.get(4) },
      { codec: bytes, payloadSizeMax: PAYLOAD_SIZE, capacity: CAPACITY },
    ),
  };
}
