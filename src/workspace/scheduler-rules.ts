import { type AnalyticRule, functionsHash } from '../content/index.js';
import {
  Agenda,
  anchorOf,
  type LateRows,
  lastSettled,
  noTrouble,
  type RuleState,
  readRuleStates,
  type Schedule,
  settledTimes,
  type Trouble,
  tablesRead,
  timing,
  writeRuleState,
} from '../detect/index.js';
import type { StoredFunction } from '../kql/index.js';
import type { WorkspaceRunner } from '../query/index.js';
import { contentSignature } from './content-signature.js';
import type { Engine } from './engine.js';
import type { RunReport } from './watch-options.js';

/** A rule under watch. */
export interface Watched {
  rule: AnalyticRule;
  state: RuleState;
  /** None while the rule is disabled. */
  agenda: Agenda | undefined;
  trouble: Trouble;
  /** Failed attempts at the nominal time whose turn it is. */
  retries: number;
  isBusy: boolean;
  /** Windows that got rows after their run, to be run again. */
  late: LateRows[];
  last: RunReport | undefined;
}

interface Facts {
  readonly hash: string;
  tables?: { readonly of: number; readonly names: readonly string[] };
}

/** The rules of the workspace as the scheduler sees them; content that changes and states that others write come in here. */
export class RuleBook {
  readonly rules = new Map<string, Watched>();
  runner!: WorkspaceRunner;
  function: (name: string) => StoredFunction | undefined = () => undefined;
  private signature: string | undefined;
  /** By rule object: content that is read anew has new ones. */
  private readonly facts = new WeakMap<AnalyticRule, Facts>();

  constructor(
    private readonly engine: Engine,
    private readonly catchUpMs: number | undefined,
  ) {}

  async refresh(): Promise<void> {
    const { engine } = this;
    const { parsers = [], contentDir } = engine.places;
    const signature = await contentSignature([...parsers, ...(contentDir ? [contentDir] : [])]);
    // The first time too: what is loaded may be older than the files.
    if (signature !== this.signature) engine.forget();
    this.signature = signature;
    const content = await engine.content();
    this.function = content.function;
    this.runner = await engine.runner();
    const rules = content.rules.filter((rule) => rule.enabled);
    const states = await this.settleStates(rules);
    const fresh: Watched[] = [];
    const present = new Set<string>();
    for (const rule of rules) {
      const id = rule.id.toLowerCase();
      const state = states.get(id);
      if (!state) continue;
      present.add(id);
      const known = this.rules.get(id);
      if (known && isUnchanged(known.state, state)) {
        // A run under way keeps the rule that it began with.
        if (known.state.version <= state.version) known.state = state;
        known.rule = rule;
        continue;
      }
      if (known?.isBusy) continue;
      const { failures } = state;
      const trouble = known && failures.count > 0 ? known.trouble : { ...noTrouble, ...failures };
      const watched: Watched = {
        ...{ rule, state, agenda: undefined, trouble, retries: 0, isBusy: false, late: [], last: known?.last },
      };
      this.rules.set(id, watched);
      if (state.status === 'Enabled') fresh.push(watched);
    }
    for (const [id, watched] of this.rules) if (!present.has(id) && !watched.isBusy) this.rules.delete(id);
    await this.makeAgendas(fresh);
    const now = engine.clock.now();
    for (const { rule, agenda } of this.rules.values()) agenda?.forgetBefore(now - this.reachMs(rule));
  }

  /** How far back gaps of the rule are filled. */
  reachMs(rule: Pick<AnalyticRule, 'kind'>): number {
    return this.catchUpMs ?? timing.catchUpMs[rule.kind];
  }

  /** Hash of the functions that the rule's query resolves to. */
  hashOf(rule: AnalyticRule): string {
    return this.factsOf(rule).hash;
  }

  /** The tables that the rule reads, of those that exist. */
  tablesOf(rule: AnalyticRule, present: ReadonlySet<string>): readonly string[] {
    const facts = this.factsOf(rule);
    // Tables are only ever added.
    if (facts.tables?.of !== present.size) {
      facts.tables = { of: present.size, names: tablesRead(rule.query, this.function, present) };
    }
    return facts.tables.names;
  }

  private factsOf(rule: AnalyticRule): Facts {
    let facts = this.facts.get(rule);
    if (!facts) {
      facts = { hash: functionsHash(rule.query, this.function) };
      this.facts.set(rule, facts);
    }
    return facts;
  }

  private async makeAgendas(fresh: readonly Watched[]): Promise<void> {
    const now = this.engine.clock.now();
    const asked = fresh.map(({ rule, state }) => {
      const schedule: Schedule = { kind: rule.kind, anchor: state.anchor, frequencyMs: state.frequencyMs };
      return { ruleId: rule.id, schedule, from: Math.max(state.anchor, now - this.reachMs(rule)) };
    });
    const settled = await settledTimes(this.engine.store, asked);
    asked.forEach(({ ruleId, schedule, from }, i) => {
      fresh[i]!.agenda = new Agenda(schedule, from, now, settled.get(ruleId.toLowerCase()) ?? new Set());
    });
  }

  /** Writes the states of rules that are new or changed, and reads what holds. */
  private async settleStates(rules: readonly AnalyticRule[]): Promise<Map<string, RuleState>> {
    const { store, clock } = this.engine;
    const now = clock.now();
    const states = await readRuleStates(store);
    let isChanged = false;
    for (const rule of rules) {
      const before = states.get(rule.id.toLowerCase());
      if (before?.ruleHash === rule.hash && before.frequencyMs === rule.queryFrequencyMs) continue;
      isChanged = true;
      await writeRuleState(store, await this.nextState(rule, before, now), now);
    }
    // Another scheduler may have been first.
    return isChanged ? readRuleStates(store) : states;
  }

  private async nextState(rule: AnalyticRule, before: RuleState | undefined, now: number): Promise<RuleState> {
    // Another frequency goes on from the last run, so that the new windows join the old ones.
    const keepsPhase = before && before.frequencyMs === rule.queryFrequencyMs;
    const goesOn = before && !keepsPhase ? await lastSettled(this.engine.store, rule.id) : undefined;
    const anchor =
      rule.startTimeMs !== undefined && !keepsPhase
        ? anchorOf(rule.startTimeMs, now)
        : (goesOn ?? before?.anchor ?? anchorOf(rule.startTimeMs, now));
    return {
      ...{ ruleId: rule.id, ruleName: rule.name, ruleHash: rule.hash, version: (before?.version ?? 0) + 1 },
      ...{ anchor, frequencyMs: rule.queryFrequencyMs, status: 'Enabled', reason: '', failures: { count: 0, key: '' } },
    };
  }
}

const isUnchanged = (a: RuleState, b: RuleState): boolean =>
  a.ruleHash === b.ruleHash && a.anchor === b.anchor && a.frequencyMs === b.frequencyMs && a.status === b.status;
