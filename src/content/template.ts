import { isMap, isScalar, isSeq, Pair, Scalar, YAMLMap } from 'yaml';

const alertRules = /^Microsoft\.(?:OperationalInsights\/workspaces\/providers|SecurityInsights)\/alertRules$/i;

/**
 * The rules of a deployment template, as the product exports them: the properties of each resource, with its kind and,
 * as the id, the GUID in its name. Undefined for anything else.
 */
export function ruleResources(root: YAMLMap): YAMLMap[] | undefined {
  const resources = root.get('resources');
  if (!isSeq(resources)) return undefined;
  const rules = resources.items.filter(isMap).filter((item) => alertRules.test(String(item.get('type'))));
  if (rules.length === 0) return undefined;
  return rules.flatMap((resource) => {
    const properties = resource.get('properties');
    if (!isMap(properties)) return [];
    const map = new YAMLMap();
    map.range = properties.range ?? null;
    map.items = [...properties.items];
    for (const key of ['kind', 'id', 'name']) {
      const value = resource.get(key, true);
      if (!isScalar(value) || map.has(key)) continue;
      if (key === 'kind') map.items.push(new Pair(new Scalar(key), value));
      // Both spell an expression such as [concat(parameters('workspace'),'/…/<GUID>')].
      const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(String(value.value))?.[0];
      if (guid && !map.has('id')) map.items.push(new Pair(new Scalar('id'), at(new Scalar(guid), value)));
    }
    return [map];
  });
}

function at(scalar: Scalar, source: Scalar): Scalar {
  scalar.range = source.range ?? null;
  return scalar;
}
