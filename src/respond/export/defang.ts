/**
 * Makes addresses in a text unclickable, in the way that analysts write them: `hxxps://evil[.]example`, `192[.]0[.]2[.]1`,
 * `ana[@]example[.]com`. File names with an extension look like names of hosts and are treated alike.
 */
export function defang(text: string): string {
  return text
    .replace(/\bhttp(s?):\/\//giu, 'hxxp$1://')
    .replace(/\bftp:\/\//giu, 'fxp://')
    .replace(/\b(?!hxxps?:|fxp:)([a-z][a-z0-9+.-]{1,30}):(?=\/\/)/giu, '$1[:]')
    .replace(/\b(mailto|javascript|data|file|tel|vbscript):(?=\S)/giu, '$1[:]')
    .replaceAll('@', '[@]')
    .replace(/\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b/g, '$1[.]$2[.]$3[.]$4')
    .replace(/(?<=[\p{L}\p{N}_-])\.(?=(?:[\p{L}\p{N}_-]+\.)*\p{L}[\p{L}\p{N}-]+)/gu, '[.]');
}
