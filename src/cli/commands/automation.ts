import pc from 'picocolors';
import { destinationName } from '../../respond/index.js';
import { type AddCommand, globalOptions, repeated, withWorkspace } from '../command.js';
import { cellText, count, cut, shortTime, table, writeDiagnostics, writeJson, writeLine } from '../output.js';
import { automationJson, automationLines } from '../show/automation.js';
import { status } from '../status.js';
import { incidentNumber } from './incident-number.js';

export const allowWebhookOption = [
  '--allow-webhook <place>',
  'host, address or network that webhooks may go to (repeatable; also VEDETTE_ALLOW_WEBHOOK)',
  repeated,
] as const;

/** Destinations from the command line and, separated by commas, from the environment. */
export const allowedWebhooks = ({ allowWebhook = [] }: { readonly allowWebhook?: readonly string[] }) => ({
  allowWebhooks: [...allowWebhook, ...(process.env.VEDETTE_ALLOW_WEBHOOK ?? '').split(',').filter((s) => s.trim())],
});

const ruleArgument = ['<rule>', 'id or name of the automation rule'] as const;

export const addAutomation: AddCommand = (program, setStatus) => {
  const automation = program
    .command('automation')
    .description('what is done when an incident or alert comes or an incident changes');

  automation
    .command('add')
    .description('copy a file of automation rules into the workspace')
    .argument('<file>', "YAML or JSON in the product's shape, or an exported template")
    .addHelpText('after', '\nExample:\n  vedette automation add close-scanner.yaml   # see docs/automation.md')
    .action(async (file: string, _options, command) => {
      const shared = globalOptions(command);
      const rules = await withWorkspace(shared, (workspace) => workspace.automation.add(file));
      if (shared.json) return writeJson({ rules });
      await writeLine(`${count(rules.length, 'automation rule')} added; it acts on what happens from now on`);
    });

  automation
    .command('list')
    .description('automation rules in the order in which they run')
    .action(async (_options, command) => {
      const shared = globalOptions(command);
      const { rules, diagnostics } = await withWorkspace(shared, (workspace) => workspace.automation.list());
      if (diagnostics.some((d) => d.severity === 'error')) setStatus(status.findings);
      if (shared.json)
        return writeJson({ rules, diagnostics: diagnostics.map(({ code, message }) => ({ code, message })) });
      writeDiagnostics(diagnostics);
      if (rules.length === 0) return writeLine('There are no automation rules.');
      const columns = [
        { title: 'Order', right: true },
        ...['Id', 'Name', 'When', 'State', 'Does'].map((title) => ({ title })),
      ];
      const now = Date.now();
      await writeLine(
        table(
          columns,
          rules.map((rule) => [
            String(rule.order),
            cellText(rule.id),
            cut(cellText(rule.displayName), 50),
            `${rule.triggersOn} ${rule.triggersWhen}`,
            !rule.enabled ? 'disabled' : (rule.expiresAt ?? now) < now ? 'expired' : 'active',
            rule.actions
              .map((action) => (action.type === 'RunWebhook' ? `RunWebhook ${destinationName(action)}` : action.type))
              .join(', '),
          ]),
        ),
      );
    });

  automation
    .command('remove')
    .description('remove an automation rule')
    .argument(...ruleArgument)
    .action(async (wanted: string, _options, command) => {
      const shared = globalOptions(command);
      const rule = await withWorkspace(shared, (workspace) => workspace.automation.remove(wanted));
      await (shared.json ? writeJson({ removed: rule.id }) : writeLine(`${cellText(rule.displayName)} removed`));
    });

  automation
    .command('test')
    .description('ask the conditions of a rule about an incident and check its actions, without doing them')
    .argument(...ruleArgument)
    .requiredOption('--incident <number>', 'number of the incident')
    .option('--send', 'send its webhooks, marked as a test')
    .option(...allowWebhookOption)
    .action(async (wanted: string, options: { incident: string; send?: true; allowWebhook?: string[] }, command) => {
      const shared = globalOptions(command);
      const number = incidentNumber(options.incident);
      const test = await withWorkspace(
        shared,
        (workspace) => workspace.automation.test(wanted, number, options),
        allowedWebhooks(options),
      );
      if (!test.matches || test.actions.some((action) => action.failed)) setStatus(status.findings);
      if (shared.json) return writeJson(test);
      await writeLine(
        test.matches
          ? pc.green(`The conditions hold for incident ${number}.`)
          : `${pc.yellow(`A condition does not hold for incident ${number}:`)} ${cellText(test.unmet)}`,
      );
      for (const { order, type, result, failed } of test.actions)
        await writeLine(`${order}  ${type}  ${failed ? pc.red(cellText(result)) : cellText(result)}`);
    });

  automation
    .command('run')
    .description('handle what happened and send what is due, once; vedette watch does it all the time')
    .option(...allowWebhookOption)
    .action(async (options: { allowWebhook?: string[] }, command) => {
      const shared = globalOptions(command);
      const report = await withWorkspace(shared, (workspace) => workspace.automation.run(), allowedWebhooks(options));
      if (shared.json) return writeJson(automationJson(report));
      const lines = automationLines(report);
      await writeLine(lines.length > 0 ? lines.join('\n') : 'There was nothing to do.');
    });

  const letters = automation.command('deadletter').description('webhooks that were given up');

  letters
    .command('list')
    .description('webhooks that were given up, with the reason')
    .action(async (_options, command) => {
      const shared = globalOptions(command);
      const dead = await withWorkspace(shared, (workspace) => workspace.automation.deadLetters());
      if (shared.json) {
        return writeJson({
          deadLetters: dead.map(({ version: _, claimant: __, nextAttempt: ___, created, ...rest }) => ({
            ...rest,
            created: new Date(created).toISOString(),
          })),
        });
      }
      if (dead.length === 0) return writeLine('There are no dead letters.');
      const columns = ['Id', 'Created', 'Incident', 'Rule', 'Destination', 'Attempts', 'Reason'];
      await writeLine(
        table(
          columns.map((title) => ({ title })),
          dead.map((one) => [
            one.id,
            shortTime(new Date(one.created).toISOString()),
            String(one.incidentNumber ?? ''),
            cut(cellText(one.ruleName), 30),
            cellText(one.destination),
            String(one.attempts),
            cellText(one.reason),
          ]),
        ),
      );
    });

  for (const [name, description, done] of [
    ['retry', 'send again at the next look, with all attempts before it', 'will be sent again'],
    ['drop', 'give up for good', 'dropped'],
  ] as const) {
    letters
      .command(name)
      .description(description)
      .argument('[id]', 'id of the dead letter')
      .option('--all', 'all of them')
      .action(async (id: string | undefined, options: { all?: true }, command) => {
        const shared = globalOptions(command);
        const ids = await withWorkspace(shared, async ({ automation: own }) => {
          const wanted = options.all ? (await own.deadLetters()).map((one) => one.id) : [id ?? ''];
          for (const one of wanted) await own[name](one);
          return wanted;
        });
        await (shared.json ? writeJson({ ids }) : writeLine(`${count(ids.length, 'webhook')} ${done}`));
      });
  }
};
