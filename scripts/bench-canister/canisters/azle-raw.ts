/** The subject `azle-raw`: Azle's maps with serializers that make bytes without JSON. */
import { query, update } from 'azle';
import { azleMaps } from './azle-maps.js';
import { benchmark } from './benchmark.js';
import { RAW_SERIALIZERS } from './raw-serializers.js';

export default benchmark(azleMaps(RAW_SERIALIZERS), { query, update });
