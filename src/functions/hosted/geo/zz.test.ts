import { it } from 'vitest';
import { openTestStore } from '../../../store/testing/index.js';
it('x', async () => { const s:any = await openTestStore(); console.log(Object.getOwnPropertyNames(Object.getPrototypeOf(s)));
 const r = await (s.sql ?? s.query).call(s, "select name from system.functions where name ilike '%h3%' or name ilike '%s2%' or name ilike '%geohash%' or name ilike 'geo%' or name ilike '%circle%'").catch((e:any)=>e); console.log(JSON.stringify(r).slice(0,3000)); });
