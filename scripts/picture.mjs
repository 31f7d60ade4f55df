// Draws what a command prints in a terminal as an SVG: FORCE_COLOR=1 COMMAND | node scripts/picture.mjs 'COMMAND' > FILE.svg
import { text } from 'node:stream/consumers';

const colours = { 31: '#ff7b72', 32: '#7ee787', 33: '#f2cc60', 36: '#79c0ff' };
const [CHAR_WIDTH, LINE_HEIGHT, MARGIN] = [8.4, 19, 24];
const title = process.argv[2] ?? 'vedette';
const lines = (await text(process.stdin)).trimEnd().split('\n');
const width = Math.ceil(Math.max(...lines.map((line) => plain(line).length)) * CHAR_WIDTH + 2 * MARGIN);
const height = (lines.length + 2) * LINE_HEIGHT + 2 * MARGIN;

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#c9d1d9" xml:space="preserve">
<text x="${MARGIN}" y="${MARGIN + 14}"><tspan fill="#7d8590">$ </tspan>${escaped(title)}</text>
${lines.map((line, i) => `<text x="${MARGIN}" y="${MARGIN + 14 + (i + 2) * LINE_HEIGHT}">${spans(line)}</text>`).join('\n')}
</g>
</svg>
`);

function plain(line) {
  return line.replace(/\p{Cc}\[\d+m/gu, '');
}

function spans(line) {
  let style = {};
  return line
    .split(/(\p{Cc}\[\d+m)/u)
    .map((part) => {
      const code = /^\p{Cc}\[(\d+)m$/u.exec(part)?.[1];
      if (code === undefined) return part && span(part, style);
      if (colours[code]) style = { ...style, fill: colours[code] };
      else if (code === '1') style = { ...style, 'font-weight': 'bold', fill: style.fill ?? '#f0f6fc' };
      else if (code === '2') style = { ...style, fill: '#7d8590' };
      else style = {};
      return '';
    })
    .join('');
}

function span(part, style) {
  const attributes = Object.entries(style).map(([name, value]) => ` ${name}="${value}"`);
  return attributes.length > 0 ? `<tspan${attributes.join('')}>${escaped(part)}</tspan>` : escaped(part);
}

function escaped(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
