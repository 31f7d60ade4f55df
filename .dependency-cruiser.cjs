// The rooms, lowest row first. A room imports rooms on lower rows only, and only through their index.ts.
const rows = [
  ['base'],
  ['sql', 'tables'],
  ['ir'],
  ['kql', 'functions', 'store'],
  ['lower', 'optimise', 'emit'],
  ['query', 'content', 'ingest'],
  ['detect', 'simulate'],
  ['respond'],
  ['workspace'],
  ['cli', 'http', 'web'],
];

const upward = rows.flatMap((row, height) =>
  row.map((room) => {
    const notBelow = rows
      .slice(height)
      .flat()
      .filter((other) => other !== room);
    return {
      name: `${room}-imports-lower-rooms-only`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${notBelow.join('|')})/|^src/index\\.ts$` },
    };
  }),
);

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'a-room-is-entered-through-its-index',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/([^/]+)/.+', pathNot: ['^src/[^/]+/(index|testing/index)\\.ts$', '^src/$1/'] },
    },
    {
      name: 'the-library-entry-uses-indexes',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/[^/]+/.+', pathNot: '^src/[^/]+/index\\.ts$' },
    },
    {
      // Expressions hold relations and relations hold expressions, so their types, lowering and emission are mutually recursive.
      name: 'no-cycles',
      severity: 'error',
      from: { pathNot: '^src/(ir|lower|emit)/' },
      to: { circular: true, viaOnly: { pathNot: '^node_modules' } },
    },
    {
      name: 'only-kql-knows-the-official-parser',
      severity: 'error',
      from: { pathNot: '^src/kql/' },
      to: { path: '@kusto' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
