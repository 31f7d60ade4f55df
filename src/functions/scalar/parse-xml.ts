import { number, type Sql, sql } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { stringOf } from '../dynamic-sql.js';
import { scalar } from '../entry.js';

/** Kusto gives null for longer texts. */
const maxBytes = 1 << 20;

/** Tags, comments, CDATA, processing instructions and the text between them. */
const tokens = (xml: Sql): Sql =>
  sql`extractAll(${xml}, '(?s)<!\\\\[CDATA\\\\[.*?\\\\]\\\\]>|<!--.*?-->|<\\\\?.*?\\\\?>|<!(?:[^>"\\\\[]|"[^"]*"|\\\\[[^\\\\]]*\\\\])*>|</[^<>]*>|<(?:[^<>"\\']|"[^"]*"|\\'[^\\']*\\')+>|[^<]+')`;

const stripped = (t: Sql): Sql => sql`replaceRegexpAll(${t}, '^[ \\\\t\\\\r\\\\n]+|[ \\\\t\\\\r\\\\n]+$', '')`;

/** What a token does: 0 text, 1 opens an element, 2 closes one, 3 is an empty element, 4 is skipped. */
const kindOf = (t: Sql): Sql =>
  sql`toUInt8(multiIf(startsWith(${t}, '<![CDATA['), 0, startsWith(${t}, '<!') OR startsWith(${t}, '<?'), 4, startsWith(${t}, '</'), 2, endsWith(${t}, '/>'), 3, startsWith(${t}, '<'), 1, match(${t}, '[^ \\\\t\\\\r\\\\n]'), 0, 4))`;

const nameOf = (t: Sql): Sql => sql`extract(${t}, '^</?([^ \\\\t\\\\r\\\\n/>]+)')`;

const textOf = (t: Sql): Sql =>
  sql`toJSONString(if(startsWith(${t}, '<![CDATA['), substring(${t}, 10, length(${t}) - 12), decodeXMLComponent(${stripped(t)})))`;

/** Attributes as (name, JSON). */
function attributesOf(t: Sql): Sql {
  const groups = sql`extractAllGroupsVertical(${t}, '[ \\\\t\\\\r\\\\n]([^ \\\\t\\\\r\\\\n=<>"\\'/]+)[ \\\\t\\\\r\\\\n]*=[ \\\\t\\\\r\\\\n]*(?:"([^"]*)"|\\'([^\\']*)\\')')`;
  return sql`arrayMap(${lambda('attribute', (a) => sql`(concat('@', ${a}[1]), toJSONString(decodeXMLComponent(concat(${a}[2], ${a}[3]))))`)}, ${groups})`;
}

/** JSON of an element out of its items (depth, name, JSON): repeated names become arrays, bare text stands for itself. */
function elementJson(items: Sql): Sql {
  const named = sql`arrayMap(${lambda('same', (i) => sql`${i}.3`)}, arrayFilter(${lambda('one', (i) => sql`${i}.2 = __name`)}, ${items}))`;
  const value = sql`if(length(${named}) = 1, ${named}[1], concat('[', arrayStringConcat(${named}, ','), ']'))`;
  const names = sql`arrayDistinct(arrayMap(${lambda('item', (i) => sql`${i}.2`)}, ${items}))`;
  const entry = sql`__name -> concat(toJSONString(__name), ':', ${value})`;
  return sql`multiIf(empty(${items}), 'null', length(${items}) = 1 AND ${items}[1].2 = '#text', ${items}[1].3, concat('{', arrayStringConcat(arrayMap(${entry}, ${names}), ','), '}'))`;
}

/**
 * The fold keeps the names of the open elements and the finished items, each with its depth; closing an element turns the
 * deeper items into one. Anything that does not nest makes the third part 0.
 */
function folded(xml: Sql): Sql {
  const token = lambda('token', (t) => sql`(${kindOf(t)}, ${nameOf(t)}, ${attributesOf(t)}, ${textOf(t)})`);
  const [open, items, sound] = [sql`__acc.1`, sql`__acc.2`, sql`__acc.3`];
  const [kind, name, attributes, content] = [sql`__t.1`, sql`__t.2`, sql`__t.3`, sql`__t.4`];
  const depth = sql`length(${open})`;
  const at = (d: Sql, from: Sql) => sql`arrayMap(${lambda('attr', (a) => sql`(${d}, ${a}.1, ${a}.2)`)}, ${from})`;
  const inner = sql`arrayFilter(${lambda('deeper', (i) => sql`${i}.1 > ${depth}`)}, ${items})`;
  const outer = sql`arrayFilter(${lambda('shallower', (i) => sql`${i}.1 <= ${depth}`)}, ${items})`;
  const closed = sql`arrayPushBack(${outer}, (${depth}, ${name}, ${elementJson(inner)}))`;
  const single = sql`arrayPushBack(${items}, (${depth} + 1, ${name}, ${elementJson(at(sql`${depth} + 2`, attributes))}))`;
  const written = sql`arrayPushBack(${items}, (${depth} + 1, '#text', ${content}))`;
  const nextItems = sql`multiIf(${kind} = 0, ${written}, ${kind} = 1, arrayConcat(${items}, ${at(sql`${depth} + 2`, attributes)}), ${kind} = 2, ${closed}, ${kind} = 3, ${single}, ${items})`;
  const nextOpen = sql`multiIf(${kind} = 1, arrayPushBack(${open}, ${name}), ${kind} = 2, arrayPopBack(${open}), ${open})`;
  const nextSound = sql`toUInt8(${sound} AND (${kind} != 2 OR (${depth} > 0 AND ${open}[-1] = ${name})))`;
  const start = sql`(emptyArrayString(), CAST([], 'Array(Tuple(UInt64, String, String))'), toUInt8(1))`;
  return sql`arrayFold((__acc, __t) -> (${nextOpen}, ${nextItems}, ${nextSound}), arrayMap(${token}, ${tokens(xml)}), ${start})`;
}

function parsed(xml: Sql): Sql {
  const whole = sql`arraySum(arrayMap(${lambda('token', (t) => sql`length(${t})`)}, ${tokens(xml)})) = length(${xml})`;
  const small = sql`${xml} != '' AND length(${xml}) <= ${number(maxBytes)}`;
  return bind(folded(sql`if(${small} AND ${whole}, ${xml}, '')`), 'document', (d) => {
    const nested = sql`${d}.3 = 1 AND empty(${d}.1) AND length(${d}.2) = 1 AND ${d}.2[1].2 != '#text'`;
    return sql`if(${nested}, concat('{', toJSONString(${d}.2[1].2), ':', ${d}.2[1].3, '}'), NULL)`;
  });
}

const event =
  '<EventData xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><Data Name="A">x &amp; y</Data><Data Name="B"></Data><Data Name="C">1</Data></EventData>';

const eventData = {
  '@xmlns': 'http://schemas.microsoft.com/win/2004/08/events/event',
  Data: [{ '@Name': 'A', '#text': 'x & y' }, { '@Name': 'B' }, { '@Name': 'C', '#text': '1' }],
};

export const parseXml = [
  scalar({
    name: 'parse_xml',
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/parse-xml-function',
    trap: 'One element of a name gives its value, several give an array; all values are texts. Blanks around text are dropped.',
    emit: ([xml]) => bind(stringOf(xml!), 'xml', parsed),
    examples: [
      ["parse_xml('<e/>')", { e: null }],
      ["parse_xml('<e>text</e>')", { e: 'text' }],
      [`parse_xml('<e name="value" />')`, { e: { '@name': 'value' } }],
      [`parse_xml('<e name="value">text</e>')`, { e: { '@name': 'value', '#text': 'text' } }],
      ["parse_xml('<e> <a>text</a> <b>text</b> </e>')", { e: { a: 'text', b: 'text' } }],
      ["parse_xml('<e> <a>text</a> <a>text</a> </e>')", { e: { a: ['text', 'text'] } }],
      ["parse_xml('<e> text <a>text</a> </e>')", { e: { '#text': 'text', a: 'text' } }],
      [`parse_xml('<?xml version="1.0"?><!-- x --><d><v>1</v></d>')`, { d: { v: '1' } }],
      [`parse_xml('${event}')`, { EventData: eventData }],
      [
        `parse_xml('<DataItem type="System.XmlData"><EventData><Data Name="A">x</Data><Data Name="B">y</Data></EventData></DataItem>').DataItem.EventData.Data[1]["#text"]`,
        'y',
      ],
      ["isnull(parse_xml('<a><b></a></b>'))", true],
      ["isnull(parse_xml('no xml'))", true],
      ["isnull(parse_xml(''))", true],
    ],
  }),
];
