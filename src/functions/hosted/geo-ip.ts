import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { type CityResponse, Reader } from 'mmdb-lib';
import { fail } from '../../base/index.js';
import { type HostedValue, hosted } from '../entry.js';

interface Opened {
  readonly path: string;
  readonly modified: number;
  readonly reader: Reader<CityResponse>;
}

let opened: Opened | undefined;
let lookedAt = 0;

/** The database stays open; a newer file under its name is noticed within a second. */
function databaseAt(path: string | undefined): Reader<CityResponse> {
  if (!path)
    return fail('KQL4005', 'geo_info_from_ip_address: there is no database of locations', {
      hint: 'name a file in MaxMind format, such as GeoLite2-City.mmdb, with --geo-database or in the environment as VEDETTE_GEO_DATABASE',
    });
  if (opened?.path === path && Date.now() - lookedAt < 1_000) return opened.reader;
  try {
    const modified = statSync(path).mtimeMs;
    if (opened?.path !== path || opened.modified !== modified)
      opened = { path, modified, reader: new Reader<CityResponse>(readFileSync(path)) };
    lookedAt = Date.now();
    return opened.reader;
  } catch (error) {
    return fail(
      'KQL4005',
      `geo_info_from_ip_address: ${path} is no database of locations: ${(error as Error).message}`,
      {
        hint: 'it takes a file in MaxMind format, such as GeoLite2-City.mmdb',
      },
    );
  }
}

/** What the database says of the address; null when it is none or not known. */
function located(address: string, reader: Reader<CityResponse>): HostedValue {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const version = plain.includes('%') ? 0 : isIP(plain);
  // In a tree of IPv4 the first bits of an IPv6 address would be taken for one.
  if (version === 0 || (version === 6 && reader.metadata.ipVersion === 4)) return null;
  const found = reader.get(plain);
  if (!found) return null;
  const { country, subdivisions, city, location } = found;
  const parts = {
    country: country?.names?.en,
    state: subdivisions?.[0]?.names?.en,
    city: city?.names?.en,
    latitude: location?.latitude,
    longitude: location?.longitude,
  };
  const known = Object.entries(parts).filter(([, value]) => value !== undefined);
  return known.length > 0 ? Object.fromEntries(known) : null;
}

export const geoIp = [
  hosted({
    name: 'geo_info_from_ip_address',
    docs: 'https://learn.microsoft.com/kusto/query/geo-info-from-ip-address-function',
    approximate:
      'by the database that --geo-database or VEDETTE_GEO_DATABASE names; that of Kusto is GeoLite2 of an unknown day',
    evaluate: ([address], { geoDatabase }) => located(String(address), databaseAt(geoDatabase)),
    examples: [],
  }),
];
