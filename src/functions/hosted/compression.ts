import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { type HostedValue, hosted } from '../entry.js';

const docs = (page: string) => `https://learn.microsoft.com/kusto/query/${page}`;
const approximate =
  'the compressed bytes of a longer text may differ from those of Kusto; decompressing either gives the text';

/** What a text may grow to. */
const longestText = 16 << 20;

/** Kusto stores a text that compressing would not make shorter, and names no system and no level in the header. */
function compressed(of: HostedValue, kind: 'gzip' | 'zlib'): string {
  const raw = Buffer.from(String(of));
  const level = deflateRawSync(raw).length < raw.length ? 6 : 0;
  const bytes = kind === 'gzip' ? gzipSync(raw, { level }) : deflateSync(raw, { level });
  if (kind === 'gzip') {
    bytes[8] = 0;
    bytes[9] = 0xff;
  } else {
    bytes[0] = 0x78;
    bytes[1] = 0x01;
  }
  return bytes.toString('base64');
}

/** Empty for what is no base64, not compressed, no UTF-8, or unpacks to more than 16 MB. */
function decompressed(of: HostedValue, unpack: typeof gunzipSync): string {
  const text = String(of);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return '';
  try {
    const bytes = unpack(Buffer.from(text, 'base64'), { maxOutputLength: longestText });
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return '';
  }
}

export const compression = [
  hosted({
    name: 'gzip_compress_to_base64_string',
    docs: docs('gzip-base64-compress'),
    approximate,
    evaluate: ([text]) => compressed(text!, 'gzip'),
    examples: [
      [
        'gzip_compress_to_base64_string("1234567890qwertyuiop")',
        'H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==',
      ],
    ],
  }),
  hosted({
    name: 'gzip_decompress_from_base64_string',
    docs: docs('gzip-base64-decompress'),
    evaluate: ([text]) => decompressed(text!, gunzipSync),
    examples: [
      [
        'gzip_decompress_from_base64_string("H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==")',
        '1234567890qwertyuiop',
      ],
      ['gzip_decompress_from_base64_string("x0x0x0")', ''],
      [
        'gzip_decompress_from_base64_string(gzip_compress_to_base64_string(strcat("é", "0000000000000000000000000000")))',
        'é0000000000000000000000000000',
      ],
    ],
  }),
  hosted({
    name: 'zlib_compress_to_base64_string',
    docs: docs('zlib-base64-compress'),
    approximate,
    evaluate: ([text]) => compressed(text!, 'zlib'),
    examples: [
      ['zlib_compress_to_base64_string("1234567890qwertyuiop")', 'eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw=='],
    ],
  }),
  hosted({
    name: 'zlib_decompress_from_base64_string',
    docs: docs('zlib-base64-decompress'),
    evaluate: ([text]) => decompressed(text!, inflateSync),
    examples: [
      ['zlib_decompress_from_base64_string("eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=")', 'Test string 123'],
      ['zlib_decompress_from_base64_string("x0x0x0")', ''],
    ],
  }),
];
