/** Time for tests that build and run whole canisters. It is there to end what hangs. */
import { jest } from '@jest/globals';

jest.setTimeout(300_000);
