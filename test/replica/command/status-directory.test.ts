import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, test } from '@jest/globals';
import { Principal } from '@dfinity/principal';

import { StatusDirectory } from '../../../src/replica/command/status-directory.js';

const root = mkdtempSync(join(tmpdir(), 'status-'));
const path = join(root, 'of', 'network');

afterEach(() => rmSync(root, { recursive: true, force: true }));

const STATUS = {
  port: 8000,
  rootKey: Uint8Array.of(0x30, 0x81, 0),
  defaultCanisterId: Principal.fromText('lxzze-o7777-77777-aaaaa-cai'),
};

test('the status is one line, in a directory that is made if it is missing', () => {
  new StatusDirectory(path).write(STATUS);
  const text = readFileSync(join(path, 'status.json'), 'utf8');
  expect(text.match(/\n/g)).toHaveLength(1);
  expect(text.endsWith('\n')).toBe(true);
  expect(JSON.parse(text)).toEqual({
    v: '1',
    gateway_port: 8000,
    root_key: '308100',
    default_effective_canister_id: 'lxzze-o7777-77777-aaaaa-cai',
    supported_features: [],
  });
});

test('when the network is gone, so is the directory', () => {
  const directory = new StatusDirectory(path);
  directory.write(STATUS);
  writeFileSync(join(path, 'custom-domains.txt'), '');
  directory.remove();
  expect(existsSync(path)).toBe(false);
});

test('what others have put there stays', () => {
  const directory = new StatusDirectory(path);
  directory.write(STATUS);
  writeFileSync(join(path, 'file'), '');
  directory.remove();
  expect(readdirSync(path)).toEqual(['file']);
});

test('a directory that is gone already is nothing to complain about', () => {
  expect(() => new StatusDirectory(path).remove()).not.toThrow();
});
