import { textOf } from './json-values.js';

const levels: Readonly<Record<string, number>> = {
  logalways: 0, 'audit success': 0, 'audit failure': 0, 'success audit': 0, 'failure audit': 0, critical: 1, error: 2,
  warning: 3, information: 4, informational: 4, info: 4, verbose: 5, debug: 5,
}; // biome-ignore format: a table

export const levelNames = ['LogAlways', 'Critical', 'Error', 'Warning', 'Information', 'Verbose'] as const;

/** Level number of a number or of a rendered name. */
export function levelOf(value: unknown): number | undefined {
  const text = textOf(value).trim().toLowerCase();
  if (/^\d{1,3}$/.test(text)) return Number(text);
  return Object.hasOwn(levels, text) ? levels[text] : undefined;
}

/** Keywords as hexadecimal: from hex, from a decimal (signed where a shipper reads 64 bits so), from rendered names. */
export function keywordsOf(value: unknown): string | undefined {
  const text = (Array.isArray(value) ? value.map(textOf).join(',') : textOf(value)).trim();
  if (/^-?\d{1,20}$/.test(text)) return `0x${BigInt.asUintN(64, BigInt(text)).toString(16)}`;
  if (/(?:audit success|success audit)/i.test(text)) return '0x8020000000000000';
  if (/(?:audit failure|failure audit)/i.test(text)) return '0x8010000000000000';
  return text || undefined;
}

/** Opcode number of a number or of a standard name. */
export function opcodeOf(value: unknown): string | undefined {
  const text = textOf(value).trim();
  const at = opcodes.indexOf(text.toLowerCase());
  return at >= 0 ? String(at) : text || undefined;
}

const opcodes = ['info', 'start', 'stop'];
