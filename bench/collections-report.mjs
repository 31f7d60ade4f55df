// Tallies of collections.mjs, and what is printed of them.

export const newTally = (name) => ({
  ...{ name, files: 0, broken: 0, queries: 0, unparsable: 0, refused: 0, incomplete: 0, ok: 0, failed: 0 },
  ...{ kustos: 0, given: 0, empty: 0, rows: 0, answers: 0 },
  ...{ acceptedFiles: 0, okFiles: 0, givenFiles: 0, ranFiles: 0 },
});

/** A failure that is ours; one that Kusto would have too takes the query out of the count. */
const isOurs = (result) => result?.reason !== undefined && result.alsoKustos === undefined;

export class Report {
  tallies = new Map();
  reasons = new Map();
  slow = [];

  add(collection, { path, broken, units }) {
    const tally = this.tallies.get(collection) ?? newTally(collection);
    this.tallies.set(collection, tally);
    const place = `${collection}/${path}`;
    tally.files++;
    if (broken) {
      tally.broken++;
      this.reason(`broken file: ${broken}`, place);
    }
    for (const unit of units) this.unit(tally, unit, place);
    const accepted = units.filter((u) => /^(ok|incomplete|failed)$/.test(u.verdict));
    const given = accepted.filter((u) => isGiven(u));
    if (accepted.length > 0) {
      tally.acceptedFiles++;
      if (!accepted.some((u) => u.verdict === 'failed' && isOurs(u))) tally.okFiles++;
    }
    if (given.length > 0) {
      tally.givenFiles++;
      if (given.every((u) => u.empty.ok && u.rows.ok)) tally.ranFiles++;
    }
  }

  unit(tally, unit, place) {
    tally.queries++;
    this.slow.push({ ms: unit.ms, what: `check ${place}` });
    if (unit.verdict === 'failed' && !isOurs(unit)) tally.kustos++;
    else tally[unit.verdict]++;
    if (unit.reason) this.reason(`${unit.verdict}: ${told(unit)}`, place);
    for (const kind of ['empty', 'rows']) {
      const run = unit[kind];
      if (!run) continue;
      this.slow.push({ ms: run.ms, what: `run ${kind} ${place}` });
      if (!run.ok) this.reason(`run on ${kind}: ${told(run)}`, place);
    }
    if (!isGiven(unit)) return;
    tally.given++;
    if (unit.empty.ok) tally.empty++;
    if (unit.rows.ok) tally.rows++;
    if (unit.rows.rows > 0) tally.answers++;
  }

  reason(key, example) {
    const known = this.reasons.get(key) ?? { count: 0, example };
    known.count++;
    this.reasons.set(key, known);
  }

  text(rows) {
    const total = newTally('all');
    for (const tally of this.tallies.values())
      for (const [key, value] of Object.entries(tally)) if (typeof value === 'number') total[key] += value;
    const rate = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);
    const heads = ['Collection', 'Files', 'Queries', 'Unparsable', 'Refused', 'Accepted', 'Check ok', 'of files'];
    heads.push('Absent', 'Run', 'Empty tables', `${rows} rows`, 'of files', 'With an answer');
    const lines = [heads, heads.map(() => '---')];
    for (const t of [...this.tallies.values(), total]) {
      const accepted = t.ok + t.incomplete + t.failed;
      lines.push([
        ...[
          t.name,
          t.files,
          t.queries,
          t.unparsable,
          t.refused + t.kustos,
          accepted,
          rate(accepted - t.failed, accepted),
        ],
        ...[rate(t.okFiles, t.acceptedFiles), t.incomplete, t.given, rate(t.empty, t.given), rate(t.rows, t.given)],
        ...[rate(t.ranFiles, t.givenFiles), t.answers],
      ]);
    }
    const byCount = [...this.reasons].sort((a, b) => b[1].count - a[1].count).slice(0, 400);
    return [
      ...lines.map((cells) => `| ${cells.join(' | ')} |`),
      `\n${total.broken} files cannot be read\n`,
      ...byCount.map(([reason, { count, example }]) => `${String(count).padStart(5)}  ${reason}   [${example}]`),
      '\nSlowest',
      ...this.slow
        .sort((a, b) => b.ms - a.ms)
        .slice(0, 25)
        .map(({ ms, what }) => `${String(ms).padStart(6)} ms  ${what}`),
    ].join('\n');
  }
}

const isGiven = (unit) => unit.empty !== undefined && !unit.empty.alsoKustos && !unit.rows.alsoKustos;
const told = ({ reason, alsoKustos }) => (alsoKustos ? `as in Kusto, it ${alsoKustos}: ${reason}` : reason);

/** Has the file a failure that is ours? */
export const hasFailed = ({ units }) =>
  units.some((u) => (u.verdict === 'failed' && isOurs(u)) || isOurs(u.empty) || isOurs(u.rows));
