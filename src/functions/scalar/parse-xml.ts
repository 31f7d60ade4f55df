import { number, type Sql, sql, text } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { stringOf } from '../dynamic-sql.js';
import { scalar } from '../entry.js';

/** Kusto gives null for longer texts. */
const maxBytes = 1 << 20;

/** Elements that hold elements may nest so deep: each level costs a pass over the document. */
const maxDepth = 8;

const blank = '[ \\t\\r\\n]';
const tag = `<([^ \\t\\r\\n<>/!?]+)((?:[^<>"'/]|/[^>]|"[^"]*"|'[^']*')*)`;

/**
 * Groups: 1 all of it; name, attributes, text and closing name of an element that holds text only (2–5); of an empty one its
 * name and attributes (6, 7); of an opening tag (8, 9); name of a closing tag (10); CDATA (11); text (12).
 */
const tokenPattern = [
  `(?s)(${tag}>([^<]*)</([^ \\t\\r\\n<>]+)${blank}*>`,
  `${tag}/>`,
  `${tag}>`,
  `</([^ \\t\\r\\n<>]+)${blank}*>`,
  '<!\\[CDATA\\[(.*?)\\]\\]>',
  '<!--.*?-->',
  '<\\?.*?\\?>',
  '<!(?:[^<>"\\[]|"[^"]*"|\\[[^\\]]*\\])*>',
  '([^<]+))',
].join('|');

const attributePattern = `${blank}([^ \\t\\r\\n=<>"'/]+)${blank}*=${blank}*(?:"([^"]*)"|'([^']*)')`;

const trimmed = (t: Sql): Sql => sql`replaceRegexpAll(${t}, ${text(`^${blank}+|${blank}+$`)}, '')`;
const plainJson = (t: Sql): Sql => sql`toJSONString(decodeXMLComponent(${trimmed(t)}))`;

/**
 * Entries are (depth, kind, name, JSON). Kind 0 is a finished value, an attribute, a text or an element; kinds 1 and 2 open
 * and close an element of that depth.
 */
const entry = (depth: Sql, kind: 0 | 1 | 2, name: Sql, json: Sql): Sql =>
  sql`(toInt64(${depth}), toUInt8(${number(kind)}), ${name}, ${json})`;

/** Attributes as an array of something made of name and JSON. */
const attributes = (t: Sql, make: (name: Sql, json: Sql) => Sql): Sql =>
  sql`arrayMap(${lambda('attribute', (a) => make(sql`concat('@', ${a}[1])`, sql`toJSONString(decodeXMLComponent(concat(${a}[2], ${a}[3])))`))}, extractAllGroupsVertical(${t}, ${text(attributePattern)}))`;

/** JSON of an element without elements. */
function leafJson(written: Sql, content: Sql): Sql {
  const pairs = attributes(written, (name, json) => sql`concat(toJSONString(${name}), ':', ${json})`);
  const some = sql`match(${content}, '[^ \\\\t\\\\r\\\\n]')`;
  const body = sql`arrayStringConcat(if(${some}, arrayPushBack(${pairs}, concat('"#text":', ${plainJson(content)})), ${pairs}), ',')`;
  return sql`multiIf(${written} != '', concat('{', ${body}, '}'), ${some}, ${plainJson(content)}, 'null')`;
}

/** The entries of a token, given how many elements are open after it. */
function entriesOf(t: Sql, open: Sql): Sql {
  const g = (i: number) => sql`${t}[${number(i)}]`;
  const below = sql`${open} + 1`;
  const leafName = sql`concat(${g(2)}, ${g(6)})`;
  // A wrong closing name leaves an entry of depth 0, which makes the document null.
  const leaf = entry(
    sql`if(${g(2)} = ${g(5)}, ${below}, 0)`,
    0,
    leafName,
    leafJson(sql`concat(${g(3)}, ${g(7)})`, g(4)),
  );
  const inside = attributes(g(9), (name, json) => entry(below, 0, name, json));
  const opened = sql`arrayConcat([${entry(open, 1, g(8), sql`''`)}], ${inside})`;
  const closed = sql`[${entry(below, 2, g(10), sql`''`)}]`;
  const content = sql`if(${g(11)} != '', toJSONString(${g(11)}), ${plainJson(g(12))})`;
  const worded = sql`${g(11)} != '' OR match(${g(12)}, '[^ \\\\t\\\\r\\\\n]')`;
  return sql`multiIf(${leafName} != '', [${leaf}], ${g(8)} != '', ${opened}, ${g(10)} != '', ${closed}, ${worded}, [${entry(below, 0, sql`'#text'`, content)}], [])`;
}

/** JSON of an element out of its entries: repeated names become arrays, bare text stands for itself. */
function elementJson(items: Sql): Sql {
  const names = sql`arrayMap(${lambda('item', (i) => sql`${i}.3`)}, ${items})`;
  const pair = lambda('pair', (i) => sql`concat(toJSONString(${i}.3), ':', ${i}.4)`);
  const same = sql`arrayMap(${lambda('same', (i) => sql`${i}.4`)}, arrayFilter(${lambda('one', (i) => sql`${i}.3 = __name`)}, ${items}))`;
  const value = sql`if(length(${same}) = 1, ${same}[1], concat('[', arrayStringConcat(${same}, ','), ']'))`;
  const grouped = sql`arrayMap(__name -> concat(toJSONString(__name), ':', ${value}), arrayDistinct(${names}))`;
  const pairs = sql`if(length(arrayDistinct(${names})) = length(${names}), arrayMap(${pair}, ${items}), ${grouped})`;
  return sql`multiIf(empty(${items}), 'null', length(${items}) = 1 AND ${items}[1].3 = '#text', ${items}[1].4, concat('{', arrayStringConcat(${pairs}, ','), '}'))`;
}

/** Makes finished values of the elements of one depth; one that is not closed by its name leaves an entry of depth 0. */
function collapsed(entries: Sql, depth: number): Sql {
  const d = number(depth);
  const opens = (e: Sql) => sql`${e}.1 = ${d} AND ${e}.2 = 1`;
  const segment = lambda('segment', (s) => {
    const head = sql`${s}[1]`;
    const inner = sql`arrayFilter(${lambda('inner', (e) => sql`${e}.1 > ${d}`)}, ${s})`;
    const outer = sql`arrayFilter(${lambda('outer', (e) => sql`${e}.1 < ${d} OR (${e}.1 = ${d} AND ${e}.2 = 0)`)}, ${s})`;
    const closed = sql`arrayExists(${lambda('close', (e) => sql`${e}.1 = ${d} AND ${e}.2 = 2 AND ${e}.3 = ${head}.3`)}, ${s})`;
    const value = entry(sql`if(${closed}, ${d}, 0)`, 0, sql`${head}.3`, elementJson(inner));
    return sql`if(${opens(head)}, arrayPushFront(${outer}, ${value}), ${s})`;
  });
  return sql`arrayFlatten(arrayMap(${segment}, arraySplit(${lambda('entry', opens)}, ${entries})))`;
}

function parsed(xml: Sql): Sql {
  const small = sql`if(length(${xml}) <= ${number(maxBytes)}, ${xml}, '')`;
  return bind(sql`extractAllGroupsVertical(${small}, ${text(tokenPattern)})`, 'tokens', (tokens) => {
    const step = lambda('step', (t) => sql`multiIf(${t}[10] != '', -1, ${t}[8] != '', 1, 0)`);
    const whole = sql`arraySum(arrayMap(${lambda('token', (t) => sql`length(${t}[1])`)}, ${tokens})) = length(${xml})`;
    return bind(sql`arrayCumSum(arrayMap(${step}, ${tokens}))`, 'open', (open) => {
      const deep = sql`throwIf(arrayMax(arrayPushBack(${open}, 0)) > ${number(maxDepth)}, ${text(`parse_xml: elements nest deeper than ${maxDepth}`)})`;
      let entries = sql`arrayFlatten(arrayMap((__token, __open) -> ${entriesOf(sql`__token`, sql`__open`)}, ${tokens}, ${open}))`;
      for (let depth = maxDepth; depth >= 1; depth--) {
        const before = entries;
        entries = bind(
          before,
          `level${depth}`,
          (e) => sql`if(arrayMax(${open}) >= ${number(depth)}, ${collapsed(e, depth)}, ${e})`,
        );
      }
      return bind(entries, 'result', (r) => {
        const sound = sql`${deep} = 0 AND ${whole} AND length(${r}) = 1 AND ${r}[1].1 = 1 AND ${r}[1].2 = 0 AND ${r}[1].3 != '#text'`;
        return sql`if(${sound}, concat('{', toJSONString(${r}[1].3), ':', ${r}[1].4, '}'), NULL)`;
      });
    });
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
      ["parse_xml('<a><b/><c>1</c><b>2</b></a>')", { a: { b: [null, '2'], c: '1' } }],
      ["parse_xml('<a><b><c><d>1</d></c><c/></b></a>').a.b.c[0].d", '1'],
      ["parse_xml('<a><![CDATA[x < y]]></a>')", { a: 'x < y' }],
      ["isnull(parse_xml('<a><b></a></b>'))", true],
      ["isnull(parse_xml('<a></a><b></b>'))", true],
      ["isnull(parse_xml('<a>'))", true],
      ["isnull(parse_xml('</a>'))", true],
      ["isnull(parse_xml('no xml'))", true],
      ["isnull(parse_xml(''))", true],
    ],
  }),
];
