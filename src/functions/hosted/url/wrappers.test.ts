import { describe, expect, it } from 'vitest';
import { canonicalUrl } from './canonical.js';
import { wrappers } from './wrappers.js';

const target = (text: string) => canonicalUrl(text)?.url;
const encoded = encodeURIComponent;
const link = 'https://login.example.com/verify?id=7&to=a%20b';

describe('URL Defense, by the decoder that Proofpoint publishes', () => {
  it('version 1', () => {
    const rest = 'k=oIvRg1%2BdGAgOoM1BIlLLqw%3D%3D%0A&r=IKM5u8%2B%2F%3D%0A&m=Ww6iaHO73mDQ%3D%0A&s=d3583cfa';
    const v1 = (u: string) => target(`https://urldefense.proofpoint.com/v1/url?u=${u}&${rest}`);
    expect(v1('http://www.example.com/')).toBe('http://www.example.com/');
    expect(v1('https%3A%2F%2Fwww.example.com%2Fa%26amp%3Bb')).toBe('https://www.example.com/a&b');
    expect(v1('http://www.example.com/?a=1&b=2')).toBe('http://www.example.com/?a=1&b=2');
    expect(target('https://urldefense.proofpoint.com/v1/url?u=http://www.example.com/&amp;k=oIvRg1&amp;r=IKM5u8')).toBe(
      'http://www.example.com/',
    );
  });

  it('version 2: a hyphen for the percent sign, an underscore for the slash', () => {
    const v2 = (u: string) =>
      target(`https://urldefense.proofpoint.com/v2/url?u=${u}&d=DwMFaQ&c=Vxt5&r=Muj&m=QJG&s=ew&e=`);
    expect(v2('http-3A__links.example.com_ctt-3Fkn-3D3-26ms-3DMzQ3OTg3MDQS1-26r-3D0')).toBe(
      'http://links.example.com/ctt?kn=3&ms=MzQ3OTg3MDQS1&r=0',
    );
    expect(v2('https-3A__secure-2Dupdate.example.com_a-5Fb')).toBe('https://secure-update.example.com/a_b');
  });

  it('version 3: characters that were taken out come back', () => {
    const v3 = (url: string, taken: string) =>
      target(`https://urldefense.com/v3/__${url}__;${taken}!!Fjc1LPEtn8I!Ue6tQ$`);
    // Kw is +, JSM is %#, base64 of what the asterisks stand for.
    expect(v3('https://example.com:443/search?q=a*test&gs=ps', 'Kw')).toBe('https://example.com/search?q=a+test&gs=ps');
    expect(v3('https://example.com/o/owa*2Findex.html*x', 'JSM')).toBe('https://example.com/o/owa%2Findex.html');
    expect(v3('https:/example.com/x', '')).toBe('https://example.com/x');
    // **A is a run of two, **B of three; ü and ö are one character of two bytes each.
    const taken = Buffer.from('üö+++').toString('base64url');
    expect(v3('https://example.com/**A/**B', taken)).toBe('https://example.com/%C3%BC%C3%B6/+++');
    expect(target('https://urldefense.us/v3/__http://example.com/x__;!!abc$')).toBe('http://example.com/x');
  });

  it('what cannot be decoded stays what it is', () => {
    const broken = 'https://urldefense.com/v3/__https://example.com/*__;_w!!abc$';
    expect(canonicalUrl(broken)).toMatchObject({ host: 'urldefense.com', unwrapped: [] });
  });
});

describe('Safe Links', () => {
  const safe = (u: string) =>
    `https://eur01.safelinks.protection.outlook.com/?url=${encoded(u)}&data=05%7C02%7Cana%40example.com%7C45&sdata=LYIR%2BQ%3D&reserved=0`;

  it('of all clouds, of files and of Teams', () => {
    expect(canonicalUrl(safe(link))).toMatchObject({ url: link, unwrapped: ['Safe Links'] });
    expect(target(`https://eur01.safelinks.protection.outlook.com/ap/w-59584e83/?url=${encoded(link)}&data=05`)).toBe(
      link,
    );
    expect(target(`https://usg02.safelinks.protection.office365.us/?url=${encoded(link)}&amp;data=05`)).toBe(link);
    expect(
      target(
        `https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url=${encoded(link)}`,
      ),
    ).toBe(link);
  });

  it('around URL Defense around Google, and no deeper than eight', () => {
    const google = `https://www.google.co.uk/url?sa=t&q=${encoded(link)}&usg=AOv`;
    const defended = `https://urldefense.com/v3/__${google}__;!!abc$`;
    expect(canonicalUrl(safe(defended))).toMatchObject({
      url: link,
      unwrapped: ['Safe Links', 'URL Defense v3', 'Google'],
    });
    const wrap = (text: string, times: number): string => (times === 0 ? text : wrap(safe(text), times - 1));
    expect(canonicalUrl(wrap(link, 8))?.url).toBe(link);
    expect(canonicalUrl(wrap(link, 9))).toMatchObject({ host: 'eur01.safelinks.protection.outlook.com' });
  });

  it('defanged inside, and without a target', () => {
    expect(target(safe('hxxps://login[.]example.com/'))).toBe('https://login.example.com/');
    expect(canonicalUrl('https://eur01.safelinks.protection.outlook.com/?url=none')).toMatchObject({ unwrapped: [] });
  });
});

const base64 = Buffer.from(link).toString('base64');
const links: Readonly<Record<string, string>> = {
  'Barracuda Link Protection': `https://linkprotect.cudasvc.com/url?a=${encoded(link)}&c=E,1,abc&typo=1`,
  'Cisco Secure Web': `https://secure-web.cisco.com/1abc/2def/${encoded(link)}`,
  'Sophos Email': `https://eu-west-1.protection.sophos.com/?d=example.com&u=${encoded(base64)}&i=NWYz&t=abc&h=def`,
  'Symantec Click-time': `https://clicktime.symantec.com/3abc?u=${encoded(link)}`,
  'Trellix URL Defense': `https://protect2.fireeye.com/v1/url?k=00bf92e9&q=1&e=221919da&u=${encoded(link)}`,
  'Trend Micro Click-time': `https://imsva91-ctp.trendmicro.com:443/wis/clicktime/v1/query?url=${encoded(link)}&umid=DB8A&auth=00e1`,
  'Libraesva URLSand': `https://urlsand.esvalabs.com/?u=${encoded(link)}&e=abc&h=def&f=y&p=y`,
  Google: `https://www.google.com/url?q=${encoded(link)}&sa=D&source=docs`,
  'Google AMP': 'https://www.google.com/amp/s/login.example.com/verify?id=7&to=a%20b',
  'Google Ads': `https://adclick.g.doubleclick.net/pcs/click?xai=abc&adurl=${encoded(link)}`,
  YouTube: `https://www.youtube.com/redirect?event=video_description&q=${encoded(link)}`,
  Bing: `https://www.bing.com/ck/a?!&&p=abc&ptn=3&u=a1${Buffer.from(link).toString('base64url')}&ntb=1`,
  DuckDuckGo: `https://duckduckgo.com/l/?uddg=${encoded(link)}&rut=abc`,
  Yahoo: `https://r.search.yahoo.com/_ylt=A0/RV=2/RE=1/RO=10/RU=${encoded(link)}/RK=2/RS=abc-`,
  Facebook: `https://l.facebook.com/l.php?u=${encoded(link)}&h=AT0`,
  Instagram: `https://l.instagram.com/?u=${encoded(link)}&e=AT0`,
  LinkedIn: `https://www.linkedin.com/safety/go?url=${encoded(link)}&trk=feed`,
  Slack: `https://slack-redir.net/link?url=${encoded(link)}&v=3`,
  Reddit: `https://out.reddit.com/t3_abc?url=${encoded(link)}&token=AQ`,
  Tumblr: `https://t.umblr.com/redirect?z=${encoded(link)}&t=abc`,
  Pinterest: `https://www.pinterest.de/offsite/?url=${encoded(link)}&token=1`,
  VK: `https://vk.com/away.php?to=${encoded(link)}&cc_key=`,
  Steam: `https://steamcommunity.com/linkfilter/?u=${encoded(link)}`,
  TikTok: `https://www.tiktok.com/link/v2?aid=1988&target=${encoded(link)}`,
};

it.each(Object.entries(links))('%s', (name, wrapped) => {
  expect(canonicalUrl(wrapped)).toMatchObject({ url: link, unwrapped: [name] });
});

it('every wrapper has a link here', () => {
  const above = ['Safe Links', 'Safe Links in Teams', 'URL Defense v1', 'URL Defense v2', 'URL Defense v3'];
  expect(wrappers.map((w) => w.name).sort()).toEqual([...above, ...Object.keys(links)].sort());
});

it('a link in the query of any other page is part of that page', () => {
  const pages = [
    `https://search.example.net/?url=${encoded(link)}`,
    `https://www.google.com/search?q=${encoded(link)}`,
    `https://safelinks.protection.outlook.com.example.net/?url=${encoded(link)}`,
    `https://notgoogle.com/url?q=${encoded(link)}`,
    `https://google.example.com/url?q=${encoded(link)}`,
  ];
  for (const page of pages) expect([page, canonicalUrl(page)?.unwrapped]).toEqual([page, []]);
});
