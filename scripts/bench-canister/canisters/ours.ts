/** The subject `ours`: this library's maps. */
import { benchmark } from './benchmark.js';
import { ourMaps } from './our-maps.js';

export default benchmark(ourMaps());
