/**
 * Who may read what in the state tree. Paths are matched against patterns; what no pattern knows
 * cannot be read. The certified data of a canister is not here: it reaches canisters only.
 *
 * Source: IC interface specification, "Read state"; specs/replica.md section 2.7.
 */
import { Principal } from '@dfinity/principal';

import type { Authorization } from '../../authentication/authentication.js';
import { RequestRefused } from '../../authentication/refusal.js';
import { sameBytes } from '../../bytes.js';
import { isController } from '../../canister.js';
import { metadataOf } from '../../certification/metadata.js';
import { hex } from '../../hex.js';
import { samePrincipal } from '../../principals.js';
import type { Replica } from '../../replica.js';
import { rootSubnet } from '../../topology.js';
import type { Place } from './place.js';

/** Who reads, and where the request came in. */
export interface Reader {
  readonly replica: Replica;
  readonly place: Place;
  readonly sender: Principal;
  readonly authorization: Authorization;
}

type Label = Uint8Array;

/** Checks a path that fits the pattern, by the labels at its stars. */
type Check = (reader: Reader, first: Label, second: Label) => void;

const anybody: Check = () => undefined;

/** Slashes part labels, a star is any label, words in braces are alternatives. */
const PATTERNS: readonly (readonly [pattern: string, check: Check])[] = [
  ['time', anybody],
  ['api_boundary_nodes', anybody],
  ['api_boundary_nodes/*', anybody],
  ['api_boundary_nodes/*/{domain,ipv4_address,ipv6_address}', anybody],
  ['subnet', anybody],
  ['subnet/*', anybody],
  ['subnet/*/{public_key,type,node}', anybody],
  ['subnet/*/node/*', anybody],
  ['subnet/*/node/*/public_key', anybody],
  ['subnet/*/canister_ranges', refuseFlatRanges],
  ['subnet/*/metrics', refuseOtherSubnet],
  ['canister_ranges/*', refuseShardedRanges],
  ['request_status/*', refuseRequestStatus],
  ['request_status/*/{status,reply,reject_code,reject_message,error_code}', refuseRequestStatus],
  ['canister/*/{controllers,module_hash}', refuseOtherCanister],
  ['canister/*/metadata/*', refuseMetadata],
];

const COMPILED = PATTERNS.map(([pattern, check]) => ({ labels: pattern.split('/'), check }));

export function refusePaths(reader: Reader, paths: readonly (readonly Label[])[]): void {
  refuseSeveral(paths, 'request_status', 'request ID');
  refuseSeveral(paths, 'canister_ranges', 'subnet ID');
  for (const path of paths) {
    const found = COMPILED.find(({ labels }) => fits(labels, path));
    if (found === undefined) throw new RequestRefused('Invalid path requested.', 404);
    const [first, second] = path.filter((_, index) => found.labels[index] === '*');
    found.check(reader, first!, second!);
  }
}

function fits(pattern: readonly string[], path: readonly Label[]): boolean {
  if (pattern.length !== path.length) return false;
  return pattern.every((expected, index) => {
    if (expected === '*') return true;
    const alternatives = expected.replace(/[{}]/g, '').split(',');
    return alternatives.includes(textOf(path[index]!) ?? '');
  });
}

function textOf(label: Label): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(label);
  } catch {
    return undefined;
  }
}

/** All paths below this label have to go on with the same one. */
function refuseSeveral(paths: readonly (readonly Label[])[], below: string, what: string): void {
  const labels = paths.filter(([first]) => first && textOf(first) === below).map(([, id]) => id);
  const ids = new Set(labels.map((id) => hex(id ?? new Uint8Array(0))));
  if (ids.size <= 1) return;
  const [first, second] = ids;
  const text = `More than one non-unique ${what} exists in ${below} paths: ${first} and ${second}.`;
  throw new RequestRefused(text);
}

/** This form of the ranges is for older clients; of the root subnet, for all. */
function refuseFlatRanges({ replica, place }: Reader, subnetId: Label): void {
  const isRoot = sameBytes(subnetId, rootSubnet(replica.subnets).id.toUint8Array());
  if (place.version === 'v2' || isRoot) return;
  throw new RequestRefused('Invalid path requested.', 404);
}

function refuseShardedRanges({ place }: Reader): void {
  if (place.effectiveId === undefined) return;
  throw new RequestRefused('Invalid path requested.', 404);
}

/** What a subnet tells about itself alone is at its own address. */
function refuseOtherSubnet({ place: { effectiveId, subnet } }: Reader, label: Label): void {
  if (effectiveId === undefined && sameBytes(subnet.id.toUint8Array(), label)) return;
  throw new RequestRefused('Invalid path requested.', 404);
}

function refuseRequestStatus({ replica, place, sender, authorization }: Reader, id: Label): void {
  if (id.length !== 32) {
    const text = 'Invalid request id in paths. Maybe the request ID is not of 32 bytes in length?!';
    throw new RequestRefused(text);
  }
  const message = replica.ingress(hex(id));
  if (message === undefined) return;
  const forbid = (text: string): never => {
    throw new RequestRefused(text, 403);
  };
  if (!samePrincipal(message.sender, sender)) {
    forbid('The user tries to access Request ID not signed by the caller.');
  }
  const { targets } = authorization;
  if (!(targets?.some((target) => samePrincipal(target, message.receiver)) ?? true)) {
    const text =
      'The user tries to access request IDs for canisters ' +
      'not belonging to sender delegation targets.';
    forbid(text);
  }
  const [asked, sent] = [place.effectiveId, message.effectiveId];
  if (asked !== undefined && sent !== undefined && !samePrincipal(asked, sent)) {
    forbid(`The request was sent to ${sent.toText()}, not to ${asked.toText()}.`);
  }
}

function refuseOtherCanister({ place: { effectiveId } }: Reader, label: Label): void {
  if (effectiveId !== undefined && sameBytes(effectiveId.toUint8Array(), label)) return;
  const text = 'The canister in the path does not match the effective canister id in the URL.';
  throw new RequestRefused(text);
}

/** Private sections are for controllers. */
function refuseMetadata(reader: Reader, label: Label, name: Label): void {
  refuseOtherCanister(reader, label);
  const section = textOf(name);
  if (section === undefined) {
    throw new RequestRefused('Could not parse the custom section name: it is not UTF-8.');
  }
  const canister = reader.replica.canister(Principal.fromUint8Array(label));
  if (canister?.code === undefined || isController(canister, reader.sender)) return;
  if (metadataOf(canister.code.module).get(section)?.isPrivate !== true) return;
  const text =
    `Custom section ${section.slice(0, 100)} can only be requested ` +
    'by the controllers of the canister.';
  throw new RequestRefused(text, 403);
}
