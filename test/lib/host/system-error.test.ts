import fs from 'node:fs';
import { expect, test } from '@jest/globals';
import { StorageError } from '../../../src/lib/errors.js';
import { fileError, isDiskFull, onFile, systemCodeOf } from '../../../src/lib/host/system-error.js';
import { codeOf } from '../../support/memories.js';

/** An error as Node makes them. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: no, write`), { code, errno: -1, syscall: 'write' });
}

test.each([
  ['ENOENT', 'FILE_NOT_FOUND'],
  ['ENOTDIR', 'FILE_NOT_FOUND'],
  ['EISDIR', 'NOT_A_FILE'],
  ['ENXIO', 'NOT_A_FILE'],
  ['ENODEV', 'NOT_A_FILE'],
  ['EACCES', 'PERMISSION_DENIED'],
  ['EPERM', 'PERMISSION_DENIED'],
  ['EROFS', 'PERMISSION_DENIED'],
  ['EIO', 'IO_FAILED'],
  ['ENOSPC', 'IO_FAILED'],
])('%s is %s, and stays the cause', (system, code) => {
  const cause = systemError(system);
  const error = fileError('a/b', cause);
  expect(error).toBeInstanceOf(StorageError);
  expect(error).toMatchObject({ code, cause, details: { path: 'a/b', system } });
  expect((error as Error).message).toContain(`a/b: ${system}: no, write. `);
});

test.each(['ENOSPC', 'EFBIG', 'EDQUOT'])('%s is a full disk', (system) => {
  expect(isDiskFull(systemError(system))).toBe(true);
});

test('nothing else is', () => {
  expect([systemError('EIO'), new Error('ENOSPC'), undefined].map(isDiskFull)).not.toContain(true);
});

test("an error that is not the system's passes through", () => {
  const error = new RangeError('no');
  expect(systemCodeOf(error)).toBeUndefined();
  expect(fileError('a', error)).toBe(error);
  expect(() => onFile('a', () => fs.statSync('a\0b'))).toThrow('null bytes');
});

test('a call that succeeds gives what it gave', () => {
  expect(onFile('.', () => fs.statSync('.').isDirectory())).toBe(true);
  expect(codeOf(() => onFile('.', () => fs.readFileSync('.')))).toBe('NOT_A_FILE');
});
