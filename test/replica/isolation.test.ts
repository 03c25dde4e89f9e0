/**
 * What a message may leave behind, item by item: all of it if it ends well, nothing if it traps,
 * and nothing at all if it is a query or an inspection. Every way into a canister does the same
 * things here, {@link TOUCH}; the same message without its trap shows that they were really done.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import type { Response } from '../../src/replica/index.js';
import type { InstallMode } from '../../src/replica/management/idl.js';
import {
  Bench,
  bytesOf,
  canister,
  dataOf,
  errorOf,
  messageOf,
  numberOf,
  textOf,
  UPGRADE,
} from './support.js';

/** What a message touches; each line leaves another value than `prepare`. */
const TOUCH = {
  heap: '(i32.store (i32.const 100) (i32.const 9))',
  heapSize: '(drop (memory.grow (i32.const 2)))',
  globals: '(global.set $number (i32.const 9)) (global.set $wide (f64.const 9))',
  functionTable: '(table.set $table (i32.const 3) (ref.func $quiet))',
  stableSize: '(drop (call $stable64_grow (i64.const 1)))',
  stableMemory: '(call $stable64_write (i64.const 10000) (i64.const 64) (i64.const 4))',
  certifiedData: '(call $certified_data_set (i32.const 64) (i32.const 4))',
  globalTimer: '(drop (call $global_timer_set (i64.const 9000000000000000000)))',
  burntCycles: '(call $cycles_burn128 (i64.const 0) (i64.const 7) (i32.const 300))',
  /** What the canister owns after all that. */
  balance: '',
  outgoingCall: `
    (call $call_peer (i32.const 72) (i32.const 4) (i32.const 0))
    (call $call_cycles_add128 (i64.const 0) (i64.const 50))
    (drop (call $call_perform))`,
  acceptedCycles: '(call $msg_cycles_accept128 (i64.const 0) (i64.const 40) (i32.const 300))',
  reply: '(call $msg_reply)',
} as const;

type Item = keyof typeof TOUCH;

const ITEMS = Object.keys(TOUCH) as Item[];
const upTo = (last: Item): Item[] => ITEMS.slice(0, ITEMS.indexOf(last) + 1);

/** What any message can touch, what one with effects can, and what needs somebody who asked. */
const MEMORY = upTo('stableMemory');
const EFFECTS = upTo('balance');
const TASK = upTo('outgoingCall');
const ASKED = upTo('reply');

/** Code that touches the items. */
function touching(items: readonly Item[]): string {
  return items.map((item) => TOUCH[item]).join('\n');
}

/**
 * A canister that has something to lose after `prepare`. The table: what hears answers and does
 * nothing, `$touch`, a callback that traps, an empty entry.
 */
function subject(touch: string, entry = ''): string {
  return `
  (global $number (mut i32) (i32.const 0))
  (global $wide (mut f64) (f64.const 0))
  (table $table 4 funcref) (elem (i32.const 0) $quiet $touch $trap_here)
  (data (i32.const 64) "nine" "sept" "note" "ok" "no")
  (func $quiet (param i32))
  (func $trap_here (param i32) unreachable)
  (func $touch (param i32) ${touch})
  (func $call_peer (param $name i32) (param $size i32) (param $callback i32)
    (call $call_new (i32.const 16) (i32.const 10) (local.get $name) (local.get $size)
      (local.get $callback) (i32.const 0) (local.get $callback) (i32.const 0)))
  (func (export "canister_update prepare")
    (call $msg_arg_data_copy (i32.const 16) (i32.const 0) (i32.const 10))
    (i32.store (i32.const 100) (i32.const 7))
    (global.set $number (i32.const 7)) (global.set $wide (f64.const 7))
    (drop (call $stable64_grow (i64.const 2)))
    (call $stable64_write (i64.const 10000) (i64.const 68) (i64.const 4))
    (call $certified_data_set (i32.const 68) (i32.const 4))
    (drop (call $global_timer_set (i64.const ${DUE})))
    (call $msg_reply))
  (func (export "canister_update nothing") (call $msg_reply))
  (func (export "canister_query see_heap") (call $reply_i32 (i32.load (i32.const 100))))
  (func (export "canister_query see_pages") (call $reply_i32 (memory.size)))
  (func (export "canister_query see_number") (call $reply_i32 (global.get $number)))
  (func (export "canister_query see_wide") (call $reply_i32 (i32.trunc_f64_s (global.get $wide))))
  (func (export "canister_query see_table")
    (call $reply_i32 (ref.is_null (table.get $table (i32.const 3)))))
  ${entry}`;
}

const DUE = 8_000_000_000_000_000_000n;
const ACT = '(func (export "canister_update act") (call $touch (i32.const 0)))';

/** Answers `ok`, rejects `no`, and takes the cycles of each `note`. */
const PEER = `
  (global $notes (mut i32) (i32.const 0))
  (func (export "canister_update ok") (call $msg_reply))
  (func (export "canister_update no") (call $msg_reject (i32.const 0) (i32.const 0)))
  (func (export "canister_update note")
    (global.set $notes (i32.add (global.get $notes) (i32.const 1)))
    (call $msg_cycles_accept128 (i64.const 0) (i64.const 100) (i32.const 0))
    (call $msg_reply))
  (func (export "canister_query notes") (call $reply_i32 (global.get $notes)))`;

/** Calls `act` of the canister that it is told, with 1,000 cycles; answers as it was answered. */
const PAYER = `
  (data (i32.const 10) "act")
  (table 2 funcref) (elem (i32.const 0) $reply $reject)
  (func $reply (param i32) (call $msg_reply))
  (func $reject (param i32) (call $msg_reject (i32.const 0) (i32.const 0)))
  (func (export "canister_update pay")
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 10))
    (call $call_new (i32.const 0) (i32.const 10) (i32.const 10) (i32.const 3)
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $call_cycles_add128 (i64.const 0) (i64.const 1000))
    (drop (call $call_perform)))`;

/** A prepared canister with a peer and a payer. */
class Scene {
  readonly bench = new Bench();
  readonly peer = this.bench.deploy(PEER);
  readonly payer = this.bench.deploy(PAYER);
  readonly id: Principal;
  /** Whether `act` was answered by a reply. */
  replied = false;

  constructor(body: string) {
    this.id = this.bench.deploy(body);
    dataOf(this.bench.update(this.id, 'prepare', this.peer.toUint8Array()));
  }

  pay(): void {
    const response = this.bench.update(this.payer, 'pay', this.id.toUint8Array());
    this.replied = response.kind === 'reply';
  }

  install(body: string, mode: InstallMode): Response {
    return this.bench.install(this.id, canister(body), { mode });
  }

  see(): Record<Item, unknown> {
    const { bench, id, peer, payer, replied } = this;
    const ask = (method: string): number => numberOf(bench.query(id, method));
    const { code, consumed, cycles } = bench.replica.canister(id)!;
    return {
      heap: ask('see_heap'),
      heapSize: ask('see_pages'),
      globals: [ask('see_number'), ask('see_wide')],
      functionTable: ask('see_table'),
      stableSize: code!.stable.size,
      stableMemory: textOf(code!.stable.read(10000, 4)),
      certifiedData: textOf(code!.certifiedData),
      globalTimer: code!.globalTimer,
      burntCycles: consumed.burned_cycles,
      balance: cycles,
      acceptedCycles: bench.cycles(payer),
      outgoingCall: [numberOf(bench.query(peer, 'notes')), bench.cycles(peer)],
      reply: replied,
    };
  }
}

interface Entry {
  readonly name: string;
  readonly items: readonly Item[];
  /** The canister, given the code that is to run. */
  readonly body: (touch: string) => string;
  readonly act: (scene: Scene, touch: string) => unknown;
  /** What remains of the message if it ends well; all items unless said here. */
  readonly lasting?: readonly Item[];
}

const callingBack = (name: number, size: number): string => `
  (func (export "canister_update act")
    (call $call_peer (i32.const ${name}) (i32.const ${size}) (i32.const 1))
    (drop (call $call_perform)))`;

const ENTRIES: readonly Entry[] = [
  {
    name: 'an update',
    items: ASKED,
    body: (touch) => subject(touch, ACT),
    act: (scene) => scene.pay(),
  },
  {
    name: 'a reply callback',
    items: ASKED,
    body: (touch) => subject(touch, callingBack(76, 2)),
    act: (scene) => scene.pay(),
  },
  {
    name: 'a reject callback',
    items: ASKED,
    body: (touch) => subject(touch, callingBack(78, 2)),
    act: (scene) => scene.pay(),
  },
  {
    name: 'a cleanup',
    items: EFFECTS.filter((item) => item !== 'certifiedData'),
    body: (touch) =>
      subject(
        touch,
        `(func (export "canister_update act")
          (call $call_peer (i32.const 76) (i32.const 2) (i32.const 2))
          (call $call_on_cleanup (i32.const 1) (i32.const 0))
          (drop (call $call_perform)))`,
      ),
    act: (scene) => scene.pay(),
  },
  {
    name: 'a timer',
    items: TASK,
    body: (touch) =>
      subject(touch, '(func (export "canister_global_timer") (call $touch (i32.const 0)))'),
    act: ({ bench }) => {
      bench.replica.clock.set(DUE);
      bench.replica.executeRound();
    },
  },
  {
    name: 'a heartbeat',
    items: TASK,
    body: (touch) =>
      subject(
        touch,
        `(func (export "canister_heartbeat")
          (if (global.get $number) (then (call $touch (i32.const 0)))))`,
      ),
    act: ({ bench }) => bench.replica.executeRound(),
  },
  {
    name: 'a pre_upgrade',
    items: EFFECTS,
    body: (touch) =>
      subject(touch, '(func (export "canister_pre_upgrade") (call $touch (i32.const 0)))'),
    act: (scene) => scene.install(subject(''), UPGRADE),
    lasting: ['stableSize', 'stableMemory', 'certifiedData', 'burntCycles'],
  },
  {
    name: 'a post_upgrade',
    items: EFFECTS,
    body: () => subject(''),
    act: (scene, touch) =>
      scene.install(
        subject(touch, '(func (export "canister_post_upgrade") (call $touch (i32.const 0)))'),
        UPGRADE,
      ),
  },
  {
    name: 'an init that replaces code',
    items: EFFECTS,
    body: () => subject(''),
    act: (scene, touch) =>
      scene.install(subject(touch, '(func (export "canister_init") (call $touch (i32.const 0)))'), {
        reinstall: null,
      }),
  },
];

interface Change {
  readonly before: Record<Item, unknown>;
  readonly after: Record<Item, unknown>;
}

function run({ body, act }: Entry, touch: string): Change {
  const scene = new Scene(body(touch));
  const before = scene.see();
  act(scene, touch);
  return { before, after: scene.see() };
}

describe.each(ENTRIES.map((entry) => [entry.name, entry] as const))('%s', (name, entry) => {
  let trapped: Change;
  let finished: Change;

  beforeAll(() => {
    const touch = touching(entry.items);
    trapped = run(entry, `${touch} unreachable`);
    finished = run(entry, touch);
  });

  /** A timer that is due is switched off before it runs, whatever becomes of it. */
  const expected = (item: Item): unknown =>
    name === 'a timer' && item === 'globalTimer' ? 0n : trapped.before[item];

  test.each(entry.items)('that traps leaves no trace: %s', (item) => {
    expect(trapped.after[item]).toEqual(expected(item));
  });

  // A function table lasts no longer than the message, see below.
  const lasting = (entry.lasting ?? entry.items).filter((item) => item !== 'functionTable');
  test.each(lasting)('that ends well leaves its mark: %s', (item) => {
    expect(finished.after[item]).not.toEqual(finished.before[item]);
  });
});

test.each(['', 'unreachable'])('the function table begins anew with every message %s', (end) => {
  const scene = new Scene(subject(`${TOUCH.functionTable} ${end}`, ACT));
  const before = scene.see();
  scene.pay();
  expect(scene.see().functionTable).toBe(before.functionTable);
});

describe('a message that only reads', () => {
  const touch = touching(MEMORY);
  const SHOW = '(call $reply_i32 (i32.load (i32.const 100)))';
  const ACCEPT =
    '(if (i32.eq (i32.load (i32.const 100)) (i32.const 9)) (then (call $accept_message)))';
  const inspection = (end: string): string =>
    `(func (export "canister_inspect_message") (call $touch (i32.const 0)) ${end})`;
  const shown = (response: Response): void => expect(numberOf(response)).toBe(9);

  test.each([
    [
      'a query',
      `(func (export "canister_query act") (call $touch (i32.const 0)) ${SHOW})`,
      ({ bench, id }: Scene) => shown(bench.query(id, 'act')),
    ],
    [
      'a query that traps',
      '(func (export "canister_query act") (call $touch (i32.const 0)) unreachable)',
      ({ bench, id }: Scene) => expect(errorOf(bench.query(id, 'act'))).toBe(502),
    ],
    [
      'a query that is called as an update',
      `(func (export "canister_query act") (call $touch (i32.const 0)) ${SHOW})`,
      ({ bench, id }: Scene) => shown(bench.update(id, 'act')),
    ],
    [
      'a composite query, with its callback',
      `(data (i32.const 200) "notes")
       (elem (i32.const 3) $show)
       (func $show (param i32) (call $touch (i32.const 0)) ${SHOW})
       (func (export "canister_composite_query act")
         (call $touch (i32.const 0))
         (call $call_peer (i32.const 200) (i32.const 5) (i32.const 3))
         (drop (call $call_perform)))`,
      ({ bench, id }: Scene) => shown(bench.query(id, 'act')),
    ],
    [
      'an inspection that accepts',
      inspection(ACCEPT),
      ({ bench, id }: Scene) => dataOf(bench.update(id, 'nothing')),
    ],
    [
      'an inspection that traps',
      `(func (export "canister_inspect_message")
         (if (global.get $number) (then (call $touch (i32.const 0)) unreachable))
         (call $accept_message))`,
      ({ bench, id }: Scene) => expect(errorOf(bench.update(id, 'nothing'))).toBe(502),
    ],
    [
      'an inspection that does not accept',
      `(func (export "canister_inspect_message")
         (if (global.get $number)
           (then (call $touch (i32.const 0)))
           (else (call $accept_message))))`,
      ({ bench, id }: Scene) => expect(errorOf(bench.update(id, 'nothing'))).toBe(406),
    ],
  ])('leaves nothing behind: %s', (_name, entry, act) => {
    const scene = new Scene(subject(touch, entry));
    const before = scene.see();
    act(scene);
    expect(scene.see()).toEqual(before);
  });

  test('but cycles, where it is a query that is called as an update', () => {
    const spending = touching([...MEMORY, 'acceptedCycles', 'burntCycles', 'reply']);
    const body = subject(spending, ACT.replace('update', 'query'));
    const scene = new Scene(body);
    const before = scene.see();
    scene.pay();
    const after = scene.see();
    for (const item of MEMORY) expect([item, after[item]]).toEqual([item, before[item]]);
    expect(after.balance).toBe((before.balance as bigint) + 40n - 7n);
    expect(after.acceptedCycles).toBe((before.acceptedCycles as bigint) - 40n);
    expect(after.burntCycles).toBe(7n);
  });
});

test('an init that traps leaves an empty canister as it was, but for the log', () => {
  const bench = new Bench();
  const id = bench.create();
  const before = bench.replica.canister(id)!;
  const touch = `${touching(EFFECTS)} unreachable`;
  const init = '(func (export "canister_init") (call $touch (i32.const 0)))';
  const response = bench.install(id, canister(subject(touch, init)));
  expect(messageOf(response)).toContain('Canister trapped: unreachable');
  const after = bench.replica.canister(id)!;
  expect({ ...after, log: before.log }).toEqual(before);
  expect(after.log.records.map(({ content }) => content)).toEqual([
    bytesOf('[TRAP]: Canister trapped: unreachable'),
  ]);
});
