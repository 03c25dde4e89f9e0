/**
 * Every error code that this replica gives, with a situation that brings it about and the words
 * that come with it. Codes of the Internet Computer that are not here cannot occur here:
 *
 *     102, 204, 208 to 210  there are no limits on canisters, history, certified states or rates
 *     201                   a full queue is seen by `call_perform` alone, which gives 2
 *     402, 404              no allocation is refused, and a canister is always on a subnet
 *     507                   only where the machine itself is out of memory; see `v8-trap.test.ts`
 *     517                   queries may call each other in a circle until the tree is too deep
 *     521, 529              they stand for faults of the system itself
 *     528                   queries are not timed: the replica has no clock
 *     530 to 535, 540       no cycles are reserved for memory or computing
 *     538                   the same as 514, which the real system gives where code is already
 *     602                   no answer is ever dropped for lack of room
 *
 * 601 is heard by canisters only, and as reject code 6 without its number: see `deadlines.test.ts`.
 */
import { expect, test } from '@jest/globals';

import * as idl from '../../src/replica/management/idl.js';
import { ErrorCode } from '../../src/replica/rejection.js';
import { canisterIdOf } from '../../src/replica/topology.js';
import {
  call,
  callOffStop,
  callTooLate,
  createAs,
  createOneTooMany,
  deleteWithMessages,
  freeze,
  heard,
  idArgument,
  query,
  rejectInspection,
  Scene,
  set,
  stopForTooLong,
  stopped,
  stopping,
  SUBJECT,
  uploadTo,
  uploadToTaken,
  type Situation,
} from './error-situations.js';
import {
  bytesOf,
  canister,
  CONTROLLER,
  encoded,
  errorOf,
  MANAGEMENT,
  messageOf,
  STRANGER,
  UPGRADE,
} from './support.js';

/** The words of an error inside a canister; `<id>` stands for the canister. */
const inside = (what: string): string => `Error from Canister <id>: ${what}`;

const TABLE: readonly (readonly [ErrorCode, string, Situation, string])[] = [
  [
    101,
    'a subnet without free ids',
    createOneTooMany,
    'Subnet has surpassed its canister ID allocation.',
  ],
  [202, 'a message that waited too long', callTooLate, 'timed out waiting to start'],
  [
    203,
    'a canister that is deleted with messages in its queue',
    deleteWithMessages,
    'Canister <id> has messages in its queues and cannot be deleted now.',
  ],
  [
    205,
    'an id that is taken',
    (scene) => createAs(scene, scene.id),
    'Unsuccessful canister creation: canister id <id> already exists.',
  ],
  [206, 'a stop that took too long', stopForTooLong, 'Stop canister request timed out'],
  [
    207,
    'a canister that cannot pay',
    (scene) => call('reply')(freeze(scene)),
    'Canister <id> is out of cycles: please top up the canister with at least ',
  ],
  [
    207,
    'a query to a frozen canister',
    (scene) => query('read_much')(freeze(scene)),
    "Canister <id> is unable to process query calls because it's frozen.",
  ],
  [
    301,
    'no such canister',
    ({ bench }) => bench.update(canisterIdOf(999n), 'reply'),
    `Canister ${canisterIdOf(999n).toText()} not found`,
  ],
  [
    305,
    'no such snapshot',
    (scene) => uploadTo(scene, Uint8Array.of(1, 2, 3)),
    'Could not find the snapshot ID 010203',
  ],
  [
    403,
    'too few cycles for a creation',
    (scene) =>
      heard(scene, MANAGEMENT, 'create_canister', {
        argument: encoded(idl.CreateCanister, { settings: [] }),
      }),
    'Creating a canister requires a fee of 500000000000 that is deducted from',
  ],
  [
    405,
    'an id of no canister',
    (scene) => createAs(scene, STRANGER),
    'Unsuccessful validation of specified ID',
  ],
  [406, 'a canister that rejects, in its own words', call('reject'), 'boom'],
  [406, 'an inspection that does not accept', rejectInspection, 'Canister rejected the message'],
  [
    407,
    'an unknown management method',
    ({ bench }) => bench.update(MANAGEMENT, 'dance'),
    "Management canister has no method 'dance'",
  ],
  [
    408,
    'an argument that is no Candid',
    ({ bench }) => bench.update(MANAGEMENT, 'start_canister', bytesOf('nonsense')),
    'Error decoding candid: ',
  ],
  [
    409,
    'an upload into a snapshot that was taken',
    uploadToTaken,
    'Only canister snapshots created by metadata upload can be mutated.',
  ],
  [502, 'unreachable', call('unreachable'), inside('Canister trapped: unreachable.')],
  [502, 'a bad address', call('heap'), inside('Canister trapped: heap out of bounds.')],
  [502, 'a division by 0', call('divide'), inside('Canister trapped: integer division by 0.')],
  [
    502,
    'a bad stable address',
    call('stable'),
    inside('Canister trapped: stable memory out of bounds.'),
  ],
  [502, 'a bad table index', call('table'), inside('Canister trapped: table out of bounds.')],
  [502, 'a deep recursion', call('stack'), inside('Canister trapped: stack overflow.')],
  [503, 'ic0.trap', call('trap'), inside("Canister called `ic0.trap` with message: 'boom'.")],
  [
    504,
    'a system call in the wrong mode',
    call('mode'),
    inside('Canister violated contract: "ic0_accept_message" cannot be executed in update mode.'),
  ],
  [
    504,
    'a reply that is too large',
    call('large_reply'),
    inside(
      'Canister violated contract: ' +
        'ic0.msg_reply_data_append: application payload size (2097153) cannot be larger than ' +
        '2097152.',
    ),
  ],
  [
    504,
    'certified data that are too long',
    call('certify'),
    inside('Canister violated contract: ic0.certified_data_set'),
  ],
  [
    504,
    'cycles that are not there',
    call('overspend'),
    inside('Canister <id> is out of cycles: please top up the canister with at least '),
  ],
  [
    505,
    'a module that is none',
    ({ bench, id }) => bench.install(id, bytesOf('x'), { mode: UPGRADE }),
    inside("Canister's Wasm module is not valid: "),
  ],
  [
    506,
    'a method that says nothing',
    call('silence'),
    inside('Canister did not reply to the call.'),
  ],
  [508, 'a stopped canister', (scene) => call('reply')(stopped(scene)), 'Canister <id> is stopped'],
  [
    509,
    'a stopping canister',
    (scene) => call('reply')(stopping(scene)),
    'Canister <id> is not running',
  ],
  [
    510,
    'a running canister that is deleted',
    ({ bench, id }) => bench.manageId('delete_canister', id),
    'Canister <id> must be stopped before it is deleted.',
  ],
  [511, 'a stop that was called off', callOffStop, 'Canister <id>'],
  [
    512,
    'a user who does not control it',
    ({ bench, id }) => bench.manageId('stop_canister', id, STRANGER),
    'Only controllers of canister <id> can call',
  ],
  [
    512,
    'a canister that does not control it',
    (scene) => heard(scene, MANAGEMENT, 'stop_canister', { argument: idArgument(scene.id) }),
    `Only the controllers of the canister <id> can control it.\n` +
      `Canister's controllers: ${CONTROLLER.toText()}\nSender's ID: `,
  ],
  [
    513,
    'a callback that is not in the table',
    call('no_callback'),
    inside('Canister requested to invoke a non-existent Wasm function 77 from table 0.'),
  ],
  [
    514,
    'an installation where code is',
    ({ bench, id }) => bench.install(id, canister(SUBJECT)),
    'Canister <id> cannot be installed because the canister is not empty.',
  ],
  [
    520,
    'a call with fewer cycles than the callee asks for',
    (scene) => {
      set(scene, { minimum_incoming_canister_call_cycles: [10n] });
      return heard(scene, scene.id, 'reply', { cycles: 9n });
    },
    'at least 10 cycles attached, but 9 were attached',
  ],
  [
    522,
    'an endless loop',
    call('loop'),
    inside('Canister exceeded the limit of 200000000 instructions for single message execution.'),
  ],
  [
    524,
    'a query that reads too much stable memory',
    query('read_much'),
    'Canister exceeded memory access limits: ',
  ],
  [
    525,
    'composite queries without end',
    query('deeper'),
    'Composite query calls exceeded the maximum call depth.',
  ],
  [
    526,
    'a composite query with many calls',
    query('many'),
    'Composite query calls exceeded the instruction limit.',
  ],
  [
    527,
    'a composite query that is called as an update',
    call('composite'),
    'Composite query cannot be called in replicated mode',
  ],
  [536, 'no such update', call('missing'), inside("Canister has no update method 'missing'.")],
  [536, 'no such query', query('missing'), inside("Canister has no query method 'missing'.")],
  [
    537,
    'a canister without code',
    ({ bench }) => bench.update(bench.create(), 'reply'),
    'Attempted to execute a message, but the canister contains no Wasm module.',
  ],
  [
    539,
    'a heap beyond wasm_memory_limit',
    (scene) => {
      set(scene, { wasm_memory_limit: [2n * 65_536n] });
      return call('grow')(scene);
    },
    inside('Canister exceeded its current Wasm memory limit of 131072 bytes.'),
  ],
];

test.each(TABLE)('IC0%d: %s', (code, _situation, act, text) => {
  const scene = new Scene();
  const response = act(scene);
  expect(messageOf(response)).toContain(text.replaceAll('<id>', scene.id.toText()));
  expect(errorOf(response)).toBe(code);
  expect(response).toMatchObject({ rejection: { rejectCode: Math.floor(code / 100) } });
});

test('every code of this replica is in the table', () => {
  const elsewhere: ErrorCode[] = [ErrorCode.outOfMemory, ErrorCode.deadlineExpired];
  const covered = [...TABLE.map(([code]) => code), ...elsewhere];
  expect(new Set(covered)).toEqual(new Set(Object.values(ErrorCode)));
});
