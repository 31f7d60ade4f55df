import type { RuleTestReport, RuleTestResult } from '../workspace/index.js';

/**
 * Test results in the format that build servers read: a suite for each test file.
 * Source  https://github.com/testmoapp/junitxml
 */
export function junit({ tests }: RuleTestReport): string {
  const files = [...new Set(tests.map((test) => test.file))];
  const suites = files.map((file) =>
    suite(
      file,
      tests.filter((test) => test.file === file),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', totals('vedette rule test', tests), suites)}\n`;
}

const suite = (file: string, tests: readonly RuleTestResult[]) =>
  element('testsuite', { ...totals(tests[0]?.rule || file, tests), file }, tests.map(testcase));

function testcase({ file, line, rule, name, durationMs, failures }: RuleTestResult): string {
  const attributes = { classname: rule || file, name, file, line, time: seconds(durationMs) };
  const found = failures.map(({ what, message, diff }) => {
    const shown = diff ? diff.rows.map(({ mark, cells }) => `${mark} ${JSON.stringify(cells)}`) : [];
    const columns = diff ? [`  ${JSON.stringify(diff.columns)}`] : [];
    const kind = what === 'error' || what === 'data' ? 'error' : 'failure';
    return element(kind, { type: what, message: message.split('\n')[0]! }, [
      escaped([message, ...columns, ...shown].join('\n')),
    ]);
  });
  return element('testcase', attributes, found);
}

function totals(name: string, tests: readonly RuleTestResult[]) {
  const isError = (test: RuleTestResult) => test.failures.some(({ what }) => what === 'error' || what === 'data');
  const errors = tests.filter(isError).length;
  const time = seconds(tests.reduce((sum, test) => sum + test.durationMs, 0));
  return { name, tests: tests.length, failures: tests.filter((test) => !test.passed).length - errors, errors, time };
}

const seconds = (ms: number) => (ms / 1000).toFixed(3);

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly string[],
): string {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(String(value))}"`)].join(
    ' ',
  );
  return content.length > 0 ? `<${head}>${content.join('')}</${name}>` : `<${head}/>`;
}

/** For attributes and text alike. What XML cannot hold at all is shown as a mark. */
function escaped(text: string): string {
  return [...text]
    .map((char) => (notXml.test(char) ? '\uFFFD' : /[<>&"'\t\n\r]/.test(char) ? `&#${char.codePointAt(0)};` : char))
    .join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML 1.0 forbids
const notXml = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/u;
