import { type Diagnostic, DiagnosticError } from '../base/index.js';
import type { AnalyticRule } from '../content/index.js';
import {
  addLateResults,
  afterFailure,
  choose,
  type Failure,
  failureOf,
  type LateRows,
  noTrouble,
  type RuleRun,
  type RunOutcome,
  readExclusions,
  readRuleStates,
  recordHealth,
  recordLate,
  repairHealth,
  runIdOf,
  runRule,
  timing,
  windowOf,
  writeRuleState,
} from '../detect/index.js';
import type { Engine } from './engine.js';
import { LateCheck } from './scheduler-late.js';
import { RuleBook, type Watched } from './scheduler-rules.js';
import type { RunReport, WatchOptions } from './watch-options.js';

/** How often content, states and tables are looked at again. */
const refreshMs = 30_000;
/** Longest sleep: a machine that was suspended must notice soon after it wakes. */
const longestPauseMs = 2_000;

/**
 * Does the runs of all rules when they are due. Any number of schedulers may work on the same workspace at once: what a run
 * writes follows from its identity, so that doing it twice is doing it once.
 */
export class Scheduler {
  private readonly running = new Map<Promise<void>, { behind: boolean }>();
  private readonly book: RuleBook;
  private readonly lateCheck: LateCheck;
  private refreshedAt = Number.NEGATIVE_INFINITY;
  /** Rows of SentinelHealth that could not be written yet. */
  private unwritten: RunOutcome[] = [];
  private isRepaired = false;

  constructor(
    private readonly engine: Engine,
    private readonly options: WatchOptions = {},
  ) {
    this.book = new RuleBook(engine, options.catchUpMs);
    this.lateCheck = new LateCheck(engine, this.book, options);
  }

  /** Does everything that is due now, then returns. */
  async drain(signal?: AbortSignal): Promise<void> {
    await this.refresh();
    for (;;) {
      await this.lateCheck.look();
      this.fill(signal);
      if (this.running.size === 0) break;
      await Promise.race(this.running.keys());
      if (this.engine.clock.now() - this.refreshedAt >= refreshMs) await this.refresh();
    }
    await this.lateCheck.done();
  }

  /** Works until the signal. A run that is under way then is left undone, unless it is about to end. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.engine.clock.now() - this.refreshedAt >= refreshMs) await this.refresh();
        await this.lateCheck.look();
        await this.lateCheck.done();
      } catch (error) {
        this.trouble(error);
      }
      this.fill(signal);
      const wake = Math.min(...[...this.book.rules.values()].map(wakeAt)) - this.engine.clock.now();
      await pauseOr(Math.min(Math.max(wake, 20), longestPauseMs), this.running.keys(), signal);
    }
    await Promise.all(this.running.keys());
    await this.writeHealth().catch(() => {});
  }

  get rules(): ReadonlyMap<string, Watched> {
    return this.book.rules;
  }

  private async refresh(): Promise<void> {
    this.refreshedAt = this.engine.clock.now();
    await this.book.refresh();
    await this.writeHealth();
    if (this.isRepaired) return;
    this.isRepaired = true;
    const rules = new Map([...this.book.rules.values()].map(({ rule }) => [rule.id.toLowerCase(), rule]));
    await repairHealth(this.engine.store, this.refreshedAt - timing.catchUpMs.Scheduled, rules);
  }

  private fill(signal: AbortSignal | undefined): void {
    while (!signal?.aborted) {
      const behind = [...this.running.values()].filter((run) => run.behind).length;
      const next = choose(this.candidates(), { total: this.running.size, behind }, this.options.lanes ?? timing.lanes);
      if (!next) return;
      const { watched, nominal, late } = next;
      watched.isBusy = true;
      const job: Promise<void> = (late ? this.rerun(watched, late, signal) : this.run(watched, nominal, signal))
        .catch((error) => this.trouble(error))
        .finally(() => {
          watched.isBusy = false;
          this.running.delete(job);
        });
      this.running.set(job, { behind: next.isBehind });
    }
  }

  private *candidates() {
    const now = this.engine.clock.now();
    for (const watched of this.book.rules.values()) {
      if (watched.isBusy || !watched.agenda || watched.trouble.notBefore > now) continue;
      const { rule, agenda } = watched;
      const nominal = agenda.due(now);
      const late = nominal === undefined ? watched.late[0] : undefined;
      if (nominal === undefined && !late) continue;
      const at = nominal ?? late!.nominal;
      const isBehind = at + timing.delayMs[rule.kind] + rule.queryFrequencyMs < now;
      yield { ruleId: rule.id, nominal: at, isBehind, watched, late };
    }
  }

  private async run(watched: Watched, nominal: number, signal: AbortSignal | undefined): Promise<void> {
    const { rule, agenda } = watched;
    const attempt = await this.attempt(rule, nominal, async (common) => {
      const run = await runRule(rule, { ...common, signal });
      return run.ok ? { value: run.value } : { diagnostics: run.diagnostics };
    });
    if (attempt.failure) return this.failed(watched, attempt.outcome, attempt.failure);
    const run = attempt.value!;
    agenda?.settle(nominal);
    watched.retries = 0;
    await this.succeeded(watched);
    const suppressed = run.notices.some((notice) => notice.code === 'RUL3007');
    if (!run.repeated) await this.health(outcomeOf(attempt.outcome, run));
    this.report(watched, attempt.outcome, run.repeated ? 'repeated' : suppressed ? 'suppressed' : 'done', run);
  }

  private async rerun(watched: Watched, late: LateRows, signal: AbortSignal | undefined): Promise<void> {
    const { rule } = watched;
    const { store, clock } = this.engine;
    const attempt = await this.attempt(rule, late.nominal, async (common) => {
      const again = await addLateResults(rule, { ...common, signal, receivedTo: late.receivedTo });
      return again.ok ? { value: again.value ?? ('nothing' as const) } : { diagnostics: again.diagnostics };
    });
    if (attempt.failure) return this.failed(watched, attempt.outcome, attempt.failure);
    const again = attempt.value === 'nothing' ? undefined : attempt.value;
    const newAlerts = again?.run.alerts.length ?? 0;
    const { id: ruleId, name: ruleName } = rule;
    await recordLate(store, { ...late, ruleId, ruleName, rerun: again !== undefined, newAlerts }, clock.now());
    watched.late.splice(watched.late.indexOf(late), 1);
    if (!again) return;
    await this.health(outcomeOf({ ...attempt.outcome, runId: again.runId }, again.run));
    this.report(watched, attempt.outcome, 'late results', again.run);
  }

  private async attempt<T>(
    rule: AnalyticRule,
    nominal: number,
    action: (common: CommonOptions) => Promise<{ value?: T; diagnostics?: readonly Diagnostic[] }>,
  ): Promise<{ value?: T | undefined; failure?: Failure | undefined; outcome: RunOutcome }> {
    const { store, clock } = this.engine;
    const started = performance.now();
    const ranAt = clock.now();
    const hash = this.book.hashOf(rule);
    const window = windowOf(rule, nominal);
    const runId = runIdOf({ ruleId: rule.id, ruleHash: rule.hash, functionsHash: hash, window });
    const retries = this.book.rules.get(rule.id.toLowerCase())?.retries ?? 0;
    const outcome = (): RunOutcome => ({
      ...{ runId, rule, window, ranAt, durationMs: performance.now() - started, retries },
      ...{ status: 'Success', reason: '' },
    });
    try {
      const { runner } = this.book;
      const exclusions = await readExclusions(store, rule.id);
      const { timeoutMs } = this.options;
      const common = { at: nominal, runner, store, clock, functionsHash: hash, exclusions, timeoutMs };
      const { value, diagnostics } = await action(common);
      return { value, failure: diagnostics && failureOf(diagnostics), outcome: outcome() };
    } catch (error) {
      const diagnostics = error instanceof DiagnosticError ? error.diagnostics : [unexpected(error)];
      return { failure: failureOf(diagnostics), outcome: outcome() };
    }
  }

  private async failed(watched: Watched, outcome: RunOutcome, failure: Failure): Promise<void> {
    const { rule, agenda } = watched;
    if (failure.kind === 'cancelled') return;
    const now = this.engine.clock.now();
    const nominal = outcome.window.to;
    const { trouble, consequence } = afterFailure(watched.trouble, failure, rule.queryFrequencyMs, now);
    watched.trouble = trouble;
    watched.retries = consequence === 'pass over' ? 0 : watched.retries + 1;
    if (consequence === 'pass over') agenda?.passOver(nominal, now);
    if (failure.kind === 'permanent') await this.permanent(watched, failure, consequence === 'disable');
    await this.health({ ...outcome, status: 'Failure', reason: failure.reason });
    this.report(watched, outcome, consequence === 'disable' ? 'disabled' : 'failed', undefined, failure.reason);
  }

  /** Counted in the store too, so that a restart does not begin to count anew. */
  private async permanent(watched: Watched, failure: Failure, isDisabled: boolean): Promise<void> {
    const { count, key } = watched.trouble;
    watched.state = {
      ...watched.state,
      version: watched.state.version + 1,
      failures: { count, key },
      ...(isDisabled ? { status: 'AutoDisabled' as const, reason: failure.reason } : {}),
    };
    if (isDisabled) {
      watched.agenda = undefined;
      watched.late = [];
    }
    await writeRuleState(this.engine.store, watched.state, this.engine.clock.now());
  }

  private async succeeded(watched: Watched): Promise<void> {
    watched.trouble = noTrouble;
    if (watched.state.failures.count === 0) return;
    const failures = { count: 0, key: '' };
    watched.state = { ...watched.state, version: watched.state.version + 1, failures };
    await writeRuleState(this.engine.store, watched.state, this.engine.clock.now());
  }

  private async health(outcome: RunOutcome): Promise<void> {
    this.unwritten.push(outcome);
    await this.writeHealth().catch(() => {});
  }

  private async writeHealth(): Promise<void> {
    const rows = this.unwritten;
    this.unwritten = [];
    while (rows.length > 0) {
      try {
        await recordHealth(this.engine.store, rows[0]!);
        rows.shift();
      } catch (error) {
        this.unwritten.unshift(...rows);
        throw error;
      }
    }
  }

  private report(
    watched: Watched,
    { window, ranAt, durationMs }: RunOutcome,
    result: RunReport['result'],
    run: RuleRun | undefined,
    reason = '',
  ): void {
    const report: RunReport = {
      ...{
        ruleId: watched.rule.id,
        ruleName: watched.rule.name,
        nominal: window.to,
        ranAt,
        durationMs,
        result,
        reason,
      },
      ...{ resultCount: run?.resultCount ?? 0, alertCount: run?.alerts.length ?? 0 },
    };
    watched.last = report;
    this.options.onRun?.(report);
  }

  private trouble(error: unknown): void {
    this.options.onTrouble?.(error instanceof DiagnosticError ? error.diagnostics : [unexpected(error)]);
  }
}

interface CommonOptions {
  readonly at: number;
  readonly runner: RuleBook['runner'];
  readonly store: Engine['store'];
  readonly clock: Engine['clock'];
  readonly functionsHash: string;
  readonly timeoutMs: number | undefined;
}

const unexpected = (error: unknown): Diagnostic => ({
  code: 'CLI6003',
  severity: 'error',
  message: error instanceof Error ? error.message : String(error),
});

function outcomeOf(outcome: RunOutcome, run: RuleRun): RunOutcome {
  const warnings = run.notices.filter((notice) => notice.severity === 'warning' && notice.code === 'RUL3006');
  return {
    ...outcome,
    status: warnings.length > 0 ? 'Partial success' : 'Success',
    reason: run.notices.find((n) => n.code === 'RUL3007')?.message ?? warnings.map((n) => n.message).join('; '),
    resultCount: run.resultCount,
    alertCount: run.alerts.length,
  };
}

const wakeAt = ({ agenda, trouble, isBusy }: Watched): number =>
  isBusy || !agenda ? Number.POSITIVE_INFINITY : Math.max(agenda.wakeAt(), trouble.notBefore);

/** Waits for the time, any of the jobs or the signal, whichever comes first. */
async function pauseOr(ms: number, jobs: Iterable<Promise<void>>, signal: AbortSignal): Promise<void> {
  let wake = () => {};
  let timer: NodeJS.Timeout | undefined;
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
    timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', wake, { once: true });
  });
  await Promise.race([woken, ...jobs]);
  clearTimeout(timer);
  signal.removeEventListener('abort', wake);
}

/** Lets a disabled rule run again. */
export async function enableRule(engine: Engine, ruleId: string): Promise<boolean> {
  const state = (await readRuleStates(engine.store)).get(ruleId.toLowerCase());
  if (state?.status !== 'AutoDisabled') return false;
  const enabled = { ...state, version: state.version + 1, status: 'Enabled' as const, reason: '' };
  await writeRuleState(engine.store, { ...enabled, failures: { count: 0, key: '' } }, engine.clock.now());
  return true;
}
