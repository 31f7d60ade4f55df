import punycode from 'punycode/punycode.js';
import { type HostedValue, hosted } from '../entry.js';

const docs = (page: string) => `https://learn.microsoft.com/kusto/query/${page}-function`;

function orEmpty(text: HostedValue, convert: (text: string) => string): string {
  try {
    return convert(String(text));
  } catch {
    return '';
  }
}

/** The dots that IDNA takes for a dot. */
const labels = (domain: string) => domain.split(/[.\u3002\uff0e\uff61]/);
const isAscii = (text: string) => !/[^\0-\x7f]/.test(text);

export const punycodeFunctions = [
  hosted({
    name: 'punycode_from_string',
    docs: docs('punycode-from-string'),
    trap: 'The name reads the wrong way: it encodes.',
    evaluate: ([text]) => orEmpty(text!, punycode.encode),
    examples: [["punycode_from_string('académie-française')", 'acadmie-franaise-npb1a']],
  }),
  hosted({
    name: 'punycode_to_string',
    docs: docs('punycode-to-string'),
    trap: 'The name reads the wrong way: it decodes.',
    evaluate: ([text]) => orEmpty(text!, punycode.decode),
    examples: [
      ["punycode_to_string('acadmie-franaise-npb1a')", 'académie-française'],
      ["punycode_to_string('é')", ''],
    ],
  }),
  hosted({
    name: 'punycode_domain_from_string',
    docs: docs('punycode-domain-from-string'),
    trap: 'It decodes, and keeps upper and lower case.',
    evaluate: ([domain]) =>
      orEmpty(domain!, (d) =>
        labels(d)
          .map((l) => (/^xn--/i.test(l) ? punycode.decode(l.slice(4)) : l))
          .join('.'),
      ),
    examples: [
      ['punycode_domain_from_string("xn--Ge-mia.Bulg.edu")', 'Gáe.Bulg.edu'],
      ['punycode_domain_from_string("xn--Ry-lja8c.xn--Jng-uta63a.xn--Bng-9ka.com")', 'Rúyì.Jīngū.Bàng.com'],
    ],
  }),
  hosted({
    name: 'punycode_domain_to_string',
    docs: docs('punycode-domain-to-string'),
    trap: 'It encodes.',
    evaluate: ([domain]) =>
      orEmpty(domain!, (d) =>
        labels(d)
          .map((l) => (isAscii(l) ? l : `xn--${punycode.encode(l)}`))
          .join('.'),
      ),
    examples: [
      ['punycode_domain_to_string("Lê Lợi。Thuận Thiên。com")', 'xn--L Li-gpa4517b.xn--Thun Thin-s4a7194f.com'],
      ['punycode_domain_to_string("Riðill｡Skáldskaparmál｡org")', 'xn--Riill-jta.xn--Skldskaparml-dbbj.org'],
      ['punycode_domain_to_string("Kaledvoulc\'h.Artorījos.edu")', "Kaledvoulc'h.xn--Artorjos-ejb.edu"],
    ],
  }),
];
