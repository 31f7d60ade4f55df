import { isObject } from './formats/json.js';
import { epochTime, parseTime } from './times.js';

/** What forwarders call the record that they carry (Cribl and Splunk, Elastic, Fluent and Docker), best first. */
const carriers = ['_raw', 'event.original', 'raw', 'message', 'log'];

/** The texts inside a forwarder's object that may be the product's own record, in order of preference. */
export function carriedTexts(record: Readonly<Record<string, unknown>>): readonly string[] {
  const texts: string[] = [];
  for (const carrier of carriers) {
    const value = record[carrier];
    if (typeof value === 'string' && value.trim() !== '') texts.push(value);
    if (carrier === 'event.original' && isObject(record.event) && typeof record.event.original === 'string')
      texts.push(record.event.original);
  }
  return texts;
}

/** When the forwarder saw the record, in milliseconds: the time of a record that has none of its own. */
export function carrierTime(record: Readonly<Record<string, unknown>>): number | undefined {
  const value = record._time ?? record['@timestamp'];
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const time = epochTime(`${value}`) ?? parseTime(value);
  return time === undefined ? undefined : Date.parse(time);
}
