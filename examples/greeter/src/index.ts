/** Greets its members by name, and lists who came last. */
import { IDL, msgCaller, time } from 'azle';
import {
  BTreeMap,
  defaultMemory,
  MemoryManager,
  principal,
  record,
  text,
  tuple,
  u64,
  unit,
  type Principal,
} from 'stable-structures';
import { query, update } from 'stable-structures/azle';

const memory = MemoryManager.init(defaultMemory());
const members = BTreeMap.init(memory.get(0), principal, record({ name: text, joined: u64 }));
const byJoined = BTreeMap.init(memory.get(1), tuple(u64, principal), unit);

const Member = IDL.Record({ name: IDL.Text, joined: IDL.Nat64, id: IDL.Principal });
type Member = { name: string; joined: bigint; id: Principal };

const PAGE_LENGTH = 3;

export default class {
  /** Greets the caller, who is known by this name from now on. */
  @update([IDL.Text], IDL.Text)
  greet(name: string): string {
    const id = msgCaller();
    const known = members.get(id);
    const joined = known?.joined ?? time();
    members.insert(id, { name, joined });
    byJoined.insert([joined, id], undefined);
    return known === undefined ? `Welcome, ${name}!` : `Good to see you again, ${name}!`;
  }

  /** The newest members; to turn the page, call it with the last one of the page before. */
  @query([IDL.Opt(Member)], IDL.Vec(Member))
  newest([last]: [] | [Member]): Member[] {
    const page: Member[] = [];
    for (const [joined, id] of byJoined.keys({
      lt: last && [last.joined, last.id],
      reverse: true,
    })) {
      page.push({ name: members.get(id)!.name, joined, id });
      if (page.length === PAGE_LENGTH) break;
    }
    return page;
  }
}
