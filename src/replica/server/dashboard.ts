/**
 * The dashboard of an instance: its canisters on one page, for whoever looks with a browser.
 *
 * Source: specs/replica.md section 1.3; the dashboard of dfinity/ic, in spirit.
 */
import type { Canister } from '../canister.js';
import { hex } from '../hex.js';
import type { Replica } from '../replica.js';

const COLUMNS = ['Canister', 'Subnet', 'Status', 'Cycles', 'Module hash', 'Controllers'];

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

export function dashboardPage(replica: Replica): string {
  const time = new Date(Number(replica.clock.roundTime / NANOSECONDS_PER_MILLISECOND));
  const rows = replica.canisters().map((canister) => rowOf(replica, canister));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Dashboard of the replica</title>
<h1>Dashboard of the replica</h1>
<p>Time: ${time.toISOString()}</p>
<table>
<tr>${COLUMNS.map((column) => `<th>${column}</th>`).join('')}</tr>
${rows.join('\n')}
</table>
</html>
`;
}

/** Nothing in a row comes from a canister's own text, so that nothing has to be escaped. */
function rowOf(replica: Replica, { id, status, cycles, code, settings }: Canister): string {
  const cells = [
    id.toText(),
    replica.subnetOf(id).id.toText(),
    status,
    String(cycles),
    code === undefined ? '' : hex(code.moduleHash),
    settings.controllers.map((one) => one.toText()).join(' '),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}
