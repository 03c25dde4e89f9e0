/** The subject `ours`: this library's maps, and its decorators around the methods. */
import * as decorators from '../../../src/azle/index.js';
import { benchmark } from './benchmark.js';
import { ourMaps } from './our-maps.js';

export default benchmark(ourMaps(), decorators);
