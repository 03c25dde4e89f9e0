/** The tables of the figures, one for each kind and size of map, and one for whole calls. */
import { linesOf, ratio, whole, type Row } from '../bench/table.js';
import { KIND_NAMES } from './canisters/kinds.js';
import { MAP_WORKS } from './canisters/works.js';
import { costOf, MAP_SUBJECTS, type Figure } from './figures.js';
import { CALL_WORKS } from './measure-calls.js';

const HEAD = ['instructions an operation', ...MAP_SUBJECTS, 'ours / json', 'ours / raw'];

const MISSING = '—';

export function tableLines(figures: readonly Figure[], sizes: readonly number[]): string[] {
  const tables = sizes.flatMap((entries) =>
    KIND_NAMES.map((kind) =>
      tableOf(
        figures,
        `${kind}, ${whole(entries)} entries`,
        MAP_WORKS.map((work) => [work, `${work} ${kind} ${entries}`]),
      ),
    ),
  );
  const calls = tableOf(
    figures,
    'whole calls through Candid',
    CALL_WORKS.map((work) => [work, work]),
  );
  return [...tables.flat(), ...calls];
}

/** The works by the names in the table and in the figures. */
function tableOf(
  figures: readonly Figure[],
  title: string,
  works: readonly (readonly [name: string, work: string])[],
): string[] {
  const rows = works.map(([name, work]) => rowOf(figures, name, work));
  return ['', title, ...linesOf([HEAD, ...rows])];
}

function rowOf(figures: readonly Figure[], name: string, work: string): Row {
  const [ours, json, raw] = MAP_SUBJECTS.map((subject) => costOf(figures, work, subject));
  const compared = [json, raw].map((rival) =>
    ours === undefined || rival === undefined ? MISSING : ratio(ours, rival),
  );
  return [
    name,
    ...[ours, json, raw].map((cost) => (cost === undefined ? MISSING : whole(cost))),
    ...compared,
  ];
}
