/** The subject `azle-json`: Azle's maps as they come, with JSON. */
import { query, update } from 'azle';
import { azleMaps } from './azle-maps.js';
import { benchmark } from './benchmark.js';

export default benchmark(azleMaps(), { query, update });
