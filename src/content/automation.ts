import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { type Diagnostic, parseDatetime, ticksPerMs } from '../base/index.js';
import { readAction } from './automation-actions.js';
import { readConditions } from './automation-conditions.js';
import type { AutomationAction, AutomationCondition } from './automation-model.js';
import { Fields } from './fields.js';
import { contentHash } from './hash.js';
import { readYaml, type YamlFile } from './yaml-file.js';

/** A rule of what is done when an incident or alert comes or an incident changes. */
export interface AutomationRule {
  readonly id: string;
  readonly displayName: string;
  /** Rules run in this order, 1 first. */
  readonly order: number;
  readonly enabled: boolean;
  /** Milliseconds since the epoch; the rule does nothing for what comes later. */
  readonly expiresAt: number | undefined;
  readonly triggersOn: 'Incidents' | 'Alerts';
  readonly triggersWhen: 'Created' | 'Updated';
  /** All must hold. */
  readonly conditions: readonly AutomationCondition[];
  /** In the order in which they are done. */
  readonly actions: readonly AutomationAction[];
  readonly file: string;
  readonly hash: string;
}

export interface LoadedAutomation {
  readonly rules: readonly AutomationRule[];
  readonly diagnostics: readonly Diagnostic[];
}

const maxOrder = 1_000;
const maxActions = 20;

/**
 * Reads the automation rules of a text: YAML or JSON in the product's shape, a rule's properties at the top or under
 * `properties`, or an exported template with a rule in each of its resources. Errors RUL3001, RUL3002.
 */
export function readAutomation(text: string, name: string): LoadedAutomation {
  const yaml = readYaml(name, text);
  if (!yaml.ok) return { rules: [], diagnostics: yaml.diagnostics };
  const diagnostics: Diagnostic[] = [];
  const rules = yaml.value
    .flatMap((file) => rootsOf(file).map((root) => readRule(file, root, diagnostics)))
    .filter((rule) => rule !== undefined);
  if (rules.length === 0 && diagnostics.length === 0) {
    const message = 'the file holds no automation rule';
    diagnostics.push({ code: 'RUL3002', severity: 'error', message, source: { name, text } });
  }
  return { rules, diagnostics };
}

const extensions = new Set(['.yaml', '.yml', '.json']);

/** The automation rules of a folder, which need not exist. One broken file never stops the rest. */
export async function loadAutomation(folder: string): Promise<LoadedAutomation> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && extensions.has(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  const byId = new Map<string, AutomationRule>();
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    const loaded = readAutomation(await readFile(file, 'utf8'), file);
    diagnostics.push(...loaded.diagnostics);
    for (const rule of loaded.rules) {
      const twin = byId.get(rule.id.toLowerCase());
      if (!twin) byId.set(rule.id.toLowerCase(), rule);
      else {
        const message = `${file}: the automation rule ${rule.id} is in ${twin.file} already; this one is not used`;
        diagnostics.push({ code: 'RUL3003', severity: 'warning', message });
      }
    }
  }
  const rules = [...byId.values()].sort(
    (a, b) => a.order - b.order || (a.displayName < b.displayName ? -1 : a.displayName > b.displayName ? 1 : 0),
  );
  return { rules, diagnostics };
}

function rootsOf({ document, root }: YamlFile): YAMLMap[] {
  const resources = root?.get('resources');
  if (isSeq(resources)) {
    return resources.items.filter(isMap).filter((item) => /\/automationRules$/i.test(String(item.get('type'))));
  }
  if (root) return [root];
  return isSeq(document.contents) ? document.contents.items.filter(isMap) : [];
}

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

function readRule(file: YamlFile, root: YAMLMap, diagnostics: Diagnostic[]): AutomationRule | undefined {
  const before = diagnostics.length;
  const outer = new Fields(file, root, diagnostics);
  outer.checkDuplicates();
  const fields = outer.child('properties') ?? outer;
  // An exported resource spells its id in the expression that is its name.
  const name = root.get('name', true);
  const exported = fields === outer ? undefined : guid.exec(String(isScalar(name) ? name.value : ''))?.[0];
  const id = exported ?? outer.text('id') ?? fields.require('id', fields.text('id'));
  const displayName = fields.require('displayName', fields.text('displayName'));
  const trigger = fields.require('triggeringLogic', fields.child('triggeringLogic'));
  const order = fields.integer('order') ?? 1;
  if (order < 1 || order > maxOrder) fields.problem('order', `order must be between 1 and ${maxOrder}`);
  const triggersOn = trigger?.oneOf('triggersOn', ['Incidents', 'Alerts']) ?? 'Incidents';
  const triggersWhen = trigger?.oneOf('triggersWhen', ['Created', 'Updated']) ?? 'Created';
  if (triggersOn === 'Alerts' && triggersWhen === 'Updated') {
    trigger?.problem('triggersWhen', 'alerts are created, never updated');
  }
  const conditions = trigger ? readConditions(trigger, { triggersOn, triggersWhen }) : [];
  const actions = fields
    .children('actions')
    .flatMap((action) => readAction(action, triggersOn) ?? [])
    .sort((a, b) => a.order - b.order);
  if (!fields.has('actions')) fields.problem('actions', 'actions is missing');
  if (actions.length > maxActions) fields.problem('actions', `a rule can have ${maxActions} actions`);
  const orders = new Set(actions.map((action) => action.order));
  if (orders.size < actions.length) fields.problem('actions', 'each action needs an order of its own');
  if (id !== undefined && !/^[\w.-]{1,64}$/.test(id)) fields.problem('id', `'${id}' is no id of an automation rule`);
  const expiresAt = trigger && readExpiration(trigger);
  const enabled = trigger?.bool('isEnabled') ?? true;
  const isBroken = diagnostics.slice(before).some((d) => d.severity === 'error');
  if (isBroken || !id || !displayName) return undefined;
  return {
    ...{ id, displayName, order, enabled, expiresAt, triggersOn, triggersWhen, conditions, actions },
    ...{ file: file.name, hash: contentHash(file.text) },
  };
}

function readExpiration(trigger: Fields): number | undefined {
  const text = trigger.text('expirationTimeUtc');
  if (!text) return undefined;
  const ticks = parseDatetime(text);
  if (ticks === undefined) trigger.problem('expirationTimeUtc', `'${text}' is not a time`);
  return ticks === undefined ? undefined : Number(ticks / ticksPerMs);
}
