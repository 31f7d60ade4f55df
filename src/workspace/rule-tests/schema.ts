import { z } from 'zod';
import { severities } from '../../content/index.js';

const row = z.record(z.string(), z.unknown());
const table = z
  .union([z.array(row), z.record(z.string(), row)])
  .describe('Rows as a list, or under names that other cases can change or leave out');
const tables = z.record(z.string(), table);
const text = z.string().min(1);
const severity = z.enum(severities);

const alert = z
  .strictObject({
    title: z.string(),
    description: z.string(),
    severity,
    tactics: z.array(z.string()).describe('All tactics, in any order'),
    techniques: z.array(z.string()).describe('All techniques and sub-techniques, in any order'),
    entities: z
      .array(z.looseObject({ type: text }))
      .describe('All entities, in any order: the type as in entityMappings and the identifiers that matter'),
    customDetails: z.record(z.string(), z.union([z.array(z.unknown()), z.string(), z.number(), z.boolean()])),
    columns: row.describe('Further columns of SecurityAlert'),
  })
  .partial();

const incident = z
  .strictObject({
    title: z.string(),
    description: z.string(),
    severity,
    alerts: z.number().int().min(1).describe('How many alerts it holds'),
    tactics: z.array(z.string()),
    techniques: z.array(z.string()),
    columns: row.describe('Further columns of SecurityIncident'),
  })
  .partial();

const count = z.number().int().min(0);

export const expectationSchema = z
  .strictObject({
    count: count.optional().describe('Rows of the result'),
    rows: z.array(row).optional().describe('All rows of the result in any order; of each the columns that matter'),
    alerts: z
      .union([count, z.array(alert)])
      .optional()
      .describe('How many alerts, or all of them in any order'),
    incident: incident.optional().describe('The one incident that opens'),
    incidents: z
      .union([count, z.array(incident)])
      .optional()
      .describe('How many incidents, or all of them'),
    silence: z.literal(true).optional().describe('No alert'),
    stoppedAt: text.optional().describe('No alert, and the step that stops the last rows, as `rule explain` names it'),
  })
  .refine((expected) => Object.keys(expected).length > 0, 'says nothing');

const records = z.strictObject({
  connector: text,
  text: text.optional(),
  file: text.optional().describe('Path beside the test file'),
  receivedAt: text.optional().describe('Time of reception; a minute before `at` when left out'),
});

const watchlist = z.strictObject({
  searchKey: text,
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
});

const data = {
  at: text.optional().describe('Nominal time of the run: the exclusive end of its window, and its now()'),
  rows: tables.optional().describe('Rows by table'),
  records: z.array(records).optional().describe('Raw records that go through a connector'),
  watchlists: z.record(z.string(), watchlist).optional().describe('Watchlists by alias'),
};

const testCase = z.strictObject({
  name: text,
  ...data,
  without: z.array(text).optional().describe('Names of shared rows that this case does not have'),
  change: z.record(z.string(), row).optional().describe('Other values of shared rows, by their name'),
  expect: expectationSchema,
});

/** `NAME.test.yaml` beside a rule, described in docs/rule-tests.md. */
export const ruleTestSchema = z
  .strictObject({
    rule: text.optional().describe('Path beside the test file, id or name; NAME.yaml when left out'),
    ...data,
    schemas: z
      .record(z.string(), z.record(z.string(), z.string()))
      .optional()
      .describe('Columns and types of tables that only this workspace has'),
    cases: z.array(testCase).min(1),
  })
  .describe('Tests of an analytic rule');

export type RuleTest = z.infer<typeof ruleTestSchema>;
export type RuleCase = RuleTest['cases'][number];
export type Expectation = RuleCase['expect'];
export type CaseRecords = z.infer<typeof records>;
export type CaseTables = z.infer<typeof tables>;

/** The schema for editors. */
export const ruleTestJsonSchema = (): object => ({
  ...z.toJSONSchema(ruleTestSchema, { io: 'input' }),
  title: 'Vedette rule test',
});
