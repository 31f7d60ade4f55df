const step = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]/g;

/** Steps of a JSON path, `$.a.b[0]['c d']`: names of properties and places in arrays; undefined for other forms. */
export function jsonPathSteps(path: string): (string | number)[] | undefined {
  const found = [...path.matchAll(step)];
  if (`$${found.map((s) => s[0]).join('')}` !== path) return undefined;
  return found.map((s) => (s[2] === undefined ? (s[1] ?? s[3] ?? s[4])! : Number(s[2])));
}
