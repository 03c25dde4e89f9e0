/** Runs the canister on the replica of the package: calls it, upgrades it, and looks again. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createIdentity, PocketIc } from '@dfinity/pic';
import { startReplica } from 'stable-structures/replica';

const idlFactory = ({ IDL }) => {
  const Member = IDL.Record({ name: IDL.Text, joined: IDL.Nat64, id: IDL.Principal });
  return IDL.Service({
    greet: IDL.Func([IDL.Text], [IDL.Text]),
    newest: IDL.Func([IDL.Opt(Member)], [IDL.Vec(Member)], ['query']),
  });
};

const replica = await startReplica();
const pic = await PocketIc.create(replica.url);
const wasm = await readFile('.azle/greeter/greeter.wasm');
const { actor, canisterId } = await pic.setupCanister({ idlFactory, wasm });

for (const name of ['Ada', 'Grace', 'Barbara', 'Hedy', 'Mary']) {
  actor.setIdentity(createIdentity(name));
  console.log(await actor.greet(name));
  await pic.advanceTime(1000);
}

await pic.upgradeCanister({ canisterId, wasm });

console.log(await actor.greet('Mary'));
const first = await actor.newest([]);
const second = await actor.newest([first[2]]);
console.log('newest first:', ...[...first, ...second].map(({ name }) => name));
assert.deepEqual(
  [first, second].map((page) => page.map(({ name }) => name)),
  [
    ['Mary', 'Hedy', 'Barbara'],
    ['Grace', 'Ada'],
  ],
);

await pic.tearDown();
await replica.stop();
