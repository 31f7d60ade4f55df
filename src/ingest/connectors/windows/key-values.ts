/** Heads of records that forwarders write as lines of `key=value` under a line with the time. */
export const timeLine = /^\s*\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d{2}:\d{2}(?:\.\d+)?(?: [AP]M)?\s*$/;

/**
 * Reads lines of `key=value` or `key="value"` under a time line: Splunk's classic WinEventLog and WinRegistry inputs. Message is
 * the last key and runs to the end.
 */
export function fieldsOfLines(text: string): Record<string, string> | undefined {
  const [head, ...lines] = text.split(/\r?\n/);
  if (!timeLine.test(head!) || lines.length === 0) return undefined;
  const fields: [string, string][] = [['EventTime', head!.trim()]];
  for (let index = 0; index < lines.length; index++) {
    const match = /^(\w+)=(.*)$/.exec(lines[index]!);
    if (!match) continue;
    const isMessage = match[1] === 'Message';
    const value = isMessage ? [match[2], ...lines.slice(index + 1)].join('\r\n').trimEnd() : match[2]!;
    fields.push([match[1]!, value.replace(/^"(.*)"$/s, '$1')]);
    if (isMessage) break;
  }
  return Object.fromEntries(fields);
}
