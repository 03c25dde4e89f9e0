/** The arguments of the command: understood, or refused in words. */
import { describe, expect, test } from '@jest/globals';

import { readOptions } from '../../../src/replica/command/options.js';

const DEFAULTS = { host: '127.0.0.1', port: 4943, state: undefined, verbose: false };

test.each([
  [[], {}],
  [['--port', '0'], { port: 0 }],
  [['-p', '65535'], { port: 65_535 }],
  [['--host', '::1', '--verbose'], { host: '::1', verbose: true }],
  [['--state', './state'], { state: './state' }],
])('%j', (args, changes) => {
  expect(readOptions(args)).toEqual({ kind: 'run', options: { ...DEFAULTS, ...changes } });
});

test.each([
  [['--help'], 'help'],
  [['-h', '--port', 'x'], 'help'],
  [['--version'], 'version'],
])('%j asks for the %s', (args, kind) => {
  expect(readOptions(args)).toEqual({ kind });
});

describe('what cannot be understood is said to be so', () => {
  test.each([
    [['--port', 'http'], "--port: expected a whole number from 0 to 65535, found 'http'"],
    [['--port', '65536'], '--port: expected'],
    [['--port', '-1'], '--port'],
    [['--port', '1.5'], '--port: expected'],
    [['--port'], '--port'],
    [['--host', ''], '--host: expected an address'],
    [['--state', ''], '--state: expected a directory'],
    [['--colour'], '--colour'],
    [['start'], 'start'],
    [['--verbose=yes'], '--verbose'],
  ])('%j', (args, reason) => {
    expect(readOptions(args)).toEqual({
      kind: 'misunderstood',
      reason: expect.stringContaining(reason),
    });
  });
});
