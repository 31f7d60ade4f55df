import { defineConfig } from 'rolldown';

// Node takes about 2 ms for each module, and the command line needs 800: one file starts in half of the time. The
// libraries that stay outside are native, or large and seldom needed.
export default defineConfig({
  input: 'src/cli/main.ts',
  platform: 'node',
  external: [/^@kusto\//, 'ffi-rs'],
  output: { file: 'dist/cli/main.js', format: 'esm', codeSplitting: false },
});
