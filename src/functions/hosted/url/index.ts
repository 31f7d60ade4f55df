import punycode from 'punycode/punycode.js';
import { hosted } from '../../entry.js';
import { canonicalUrl } from './canonical.js';
import { wrappers } from './wrappers.js';

const quoted = (text: string) => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** How links and logs spell a name: as it is, in Unicode, that in escapes, and either as URL Defense v2 writes it. */
function spellings(site: string): string[] {
  const unicode = punycode.toUnicode(site);
  const escaped = encodeURIComponent(unicode);
  return [site, site.replaceAll('-', '-2D'), unicode, escaped, escaped.replaceAll('-', '-2D').replaceAll('%', '-')];
}

const opaque = wrappers.flatMap((w) => w.opaque ?? []);

/** A pattern for RE2; one that finds nothing when there are no sites. */
function sitePattern(sites: readonly string[]): string {
  if (sites.length === 0) return '[^\\x00-\\x{10FFFF}]';
  const texts = new Set(sites.flatMap(spellings).map(quoted));
  return `(?i)${[...texts, ...opaque].join('|')}`;
}

export const urlFunctions = [
  hosted({
    name: '_Vedette_CanonicalUrl',
    trap: 'Null for a text that names no host. A Mimecast link does not hold its target, and no shortened link does.',
    evaluate: ([url]) => canonicalUrl(String(url)) as object as Readonly<Record<string, unknown>> | null,
    examples: [
      [
        '_Vedette_CanonicalUrl("hxxps://Login[.]Example[.]com:443/a/../%7eana?id=%2f#top")',
        {
          url: 'https://login.example.com/~ana?id=%2F',
          scheme: 'https',
          host: 'login.example.com',
          port: null,
          path: '/~ana',
          query: 'id=%2F',
          key: 'login.example.com/~ana?id=%2F',
          place: 'login.example.com/~ana',
          registrableDomain: 'example.com',
          site: 'example.com',
          isAddress: false,
          unwrapped: [],
        },
      ],
      [
        'tostring(_Vedette_CanonicalUrl("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Flogin.example.com%2F&data=05&reserved=0").url)',
        'https://login.example.com/',
      ],
      ['isnull(_Vedette_CanonicalUrl("javascript:alert(1)"))', true],
    ],
  }),
  hosted({
    name: '_Vedette_SitePattern',
    trap: 'For `matches regex`, to leave out rows before _Vedette_CanonicalUrl reads them: it lets too many through, but none that a browser, a proxy or a known wrapper writes is lost.',
    evaluate: ([sites]) => sitePattern(Array.isArray(sites) ? sites.map(String) : []),
    examples: [
      ['"https%3A%2F%2Fexample.com%2Fx" matches regex _Vedette_SitePattern(dynamic(["example.com"]))', true],
      ['"u=https-3A__my-2Dsite.example_x" matches regex _Vedette_SitePattern(dynamic(["my-site.example"]))', true],
      ['"https://bücher.example/" matches regex _Vedette_SitePattern(dynamic(["xn--bcher-kva.example"]))', true],
      ['"https://example.net/" matches regex _Vedette_SitePattern(dynamic(["example.com"]))', false],
      ['"https://example.net/" matches regex _Vedette_SitePattern(dynamic([]))', false],
    ],
  }),
];
