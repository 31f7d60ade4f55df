// Rows for any table: values that fit the type and, for texts, the name of their column. The same seed gives the same rows.

const seedOf = (text) => {
  let hash = 2166136261;
  for (const c of text) hash = Math.imul(hash ^ c.charCodeAt(0), 16777619) >>> 0;
  return hash;
};

function randomFrom(seed) {
  let state = seed || 1;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const hex = (n, digits) => n.toString(16).padStart(digits, '0');
const guid = (n) => `${hex(n, 8)}-0000-4000-8000-${hex(n, 12)}`;
const ip = (random) => ['192.0.2.', '198.51.100.', '203.0.113.', '10.0.0.'][random(4)] + random(256);
const user = (random) => `user${random(20)}`;
const path = (random) =>
  ['C:\\Windows\\System32\\cmd.exe', 'C:\\Users\\a\\AppData\\Local\\Temp\\x.exe', '/usr/bin/bash'][random(3)];
const document = (random) => ({
  id: guid(random(50)),
  displayName: user(random),
  userPrincipalName: `${user(random)}@example.com`,
  ipAddress: ip(random),
  count: random(1000),
  score: random(100) / 7,
  isNew: random(2) === 0,
  none: null,
  key: 'k',
  value: ['v', 1],
  Name: 'Role.DisplayName',
  newValue: '["x"]',
  location: { city: 'A', countryOrRegion: 'NL', geoCoordinates: { latitude: 52.1, longitude: 4.9 } },
});

/** Name of a column (lower case) → text. The first that fits. */
const texts = [
  [/ip(v4)?(address|addr)?(_s)?$|^(src|dst)ip|address$/, ip],
  [/guid|id(_g|_s)?$/, (random) => guid(random(50))],
  [/upn|userprincipalname|email|mail|caller|account$/, (random) => `${user(random)}@example.com`],
  [/url|uri/, (random) => `https://host${random(9)}.example.com/a/b?q=${random(9)}`],
  [/domain|fqdn|host|computer|devicename|dvc/, (random) => `host${random(9)}.example.com`],
  [/commandline|process(name)?$/, (random) => `${path(random)} -enc ${random(1000)} "a b"`],
  [/path|file/, path],
  [/sha256/, (random) => hex(random(99), 64)],
  [/useragent/, () => 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0'],
  [/eventdata/, (random) => `<EventData><Data Name="A">${random(9)}</Data><Data Name="B">x</Data></EventData>`],
  [
    /syslogmessage|message|additionalextensions/,
    (random) => `key=${random(9)};user=${user(random)} src ${ip(random)}, port ${random(65536)}`,
  ],
  [
    /properties|details|entities|json|rawdata|additional|extended|resources|policies|status$/,
    (random) => JSON.stringify(random(2) ? document(random) : [document(random)]),
  ],
  [/country|location/, (random) => ['NL', 'US', 'DE', ''][random(4)]],
];

function textOf(column, random) {
  const chosen = random(20);
  if (chosen === 0) return '';
  if (chosen === 1) return 'Hé "quoted" \\ 日本';
  const name = column.toLowerCase();
  const known = texts.find(([pattern]) => pattern.test(name));
  return known ? known[1](random) : `${column}${random(5)}`;
}

function cellOf({ name, type }, random, at) {
  if (type !== 'string' && random(20) === 0) return null;
  switch (type) {
    case 'string':
      return textOf(name, random);
    case 'int':
      return random(2) ? random(10) : random(65536);
    case 'long':
      return random(2) ? random(10) : random(2 ** 32);
    case 'real':
      return random(100_000) / 7;
    case 'decimal':
      return `${random(1000)}.${random(100)}`;
    case 'bool':
      return random(2) === 0;
    case 'datetime':
      return new Date(at - random(14 * 86_400) * 1000).toISOString();
    case 'timespan':
      return BigInt(random(86_400)) * 10_000_000n;
    case 'guid':
      return guid(random(50));
    default:
      return [
        () => document(random),
        () => [document(random), document(random)],
        () => ['a', ip(random)],
        () => ({}),
        () => random(9),
      ][random(5)]();
  }
}

/** `count` rows whose TimeGenerated lies in the fortnight before `at`, milliseconds. */
export function generatedRows(schema, count, at) {
  const random = randomFrom(seedOf(schema.name));
  const columns = schema.columns.filter(
    (c) => c.name !== 'Type' && c.name !== 'TenantId' && !/^_(BilledSize|IsBillable|TimeReceived)$/.test(c.name),
  );
  return Array.from({ length: count }, () => {
    const row = Object.fromEntries(columns.map((c) => [c.name, cellOf(c, random, at)]));
    return { ...row, TimeGenerated: new Date(at - random(14 * 86_400) * 1000).toISOString() };
  });
}
