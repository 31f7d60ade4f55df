import { type HostedValue, hosted } from '../entry.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

/** Every path below a value; elements of an array are all its first one, as only their shape counts. */
function paths(value: unknown, at: string, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const element of value) {
      found.add(`${at}[0]`);
      paths(element, `${at}[0]`, found);
    }
  } else if (value !== null && typeof value === 'object') {
    for (const [name, inner] of Object.entries(value)) {
      const path = `${at}['${name}']`;
      found.add(path);
      paths(inner, path, found);
    }
  }
}

/** JSON text with its properties in the order of their names; numbers stay as they are written. */
function canonical(json: string): string {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g) ?? [];
  let at = 0;
  const value = (): string => {
    const token = tokens[at++]!;
    if (token === '[') {
      const elements: string[] = [];
      while (tokens[at] !== ']') {
        elements.push(value());
        if (tokens[at] === ',') at++;
      }
      at++;
      return `[${elements.join(',')}]`;
    }
    if (token === '{') {
      const properties: [string, string][] = [];
      while (tokens[at] !== '}') {
        const name = tokens[at++]!;
        at++;
        properties.push([name, value()]);
        if (tokens[at] === ',') at++;
      }
      at++;
      properties.sort(([a], [b]) => {
        const [x, y] = [JSON.parse(a) as string, JSON.parse(b) as string];
        return x < y ? -1 : x > y ? 1 : 0;
      });
      return `{${properties.map(([name, v]) => `${name}:${v}`).join(',')}}`;
    }
    return token;
  };
  return value();
}

export const dynamicValues = [
  hosted({
    name: 'treepath',
    docs: docs('treepath'),
    evaluate: ([value]): HostedValue => {
      if (value === null || typeof value !== 'object') return null;
      const found = new Set<string>();
      paths(value, '', found);
      return [...found];
    },
    examples: [
      [`treepath(parse_json('{"a":"b", "c":123}'))`, ["['a']", "['c']"]],
      [`treepath(parse_json('{"prop1":[1,2,3,4], "prop2":"value2"}'))`, ["['prop1']", "['prop1'][0]", "['prop2']"]],
      [
        `treepath(parse_json('{"listProperty":[100,200,300,"abcde",{"x":"y"}]}'))`,
        ["['listProperty']", "['listProperty'][0]", "['listProperty'][0]['x']"],
      ],
    ],
  }),
  hosted({
    name: 'dynamic_to_json',
    docs: docs('dynamic_to_json'),
    trap: 'Lowering gives it the value in an array of one, as text: parsing would lose how a number is written.',
    evaluate: ([wrapped]) => {
      const text = canonical(String(wrapped)).slice(1, -1);
      return text === 'null' ? '' : text;
    },
    examples: [
      [
        "dynamic_to_json(dynamic({'Y10':dynamic({}), 'X8': dynamic({'c3':1, 'd8':5, 'a4':6}), 'D1':114, 'A1':12, 'B1':2, 'C1':3, 'A14':[15, 13, 18]}))",
        '{"A1":12,"A14":[15,13,18],"B1":2,"C1":3,"D1":114,"X8":{"a4":6,"c3":1,"d8":5},"Y10":{}}',
      ],
      ['dynamic_to_json(dynamic({"b": 1.0, "a": "x, y: \\"z\\""}))', '{"a":"x, y: \\"z\\"","b":1.0}'],
    ],
  }),
];
