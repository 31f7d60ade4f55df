import { allEntries } from '../../functions/index.js';
import { type Signature, type SignatureParameter, signatures } from '../../kql/index.js';
import { type Column, type KqlType, kqlTypes } from '../../tables/index.js';
import { kqlName } from './hostile.js';
import { arrayLiteral, bagLiteral, literalOf, textFor } from './literals.js';
import type { Random } from './random.js';

/** What an expression may name. */
export interface Scope {
  readonly columns: readonly Column[];
  /** Scalar lets and parameters. */
  readonly scalars: readonly Column[];
  /** Functions of one text that give a text. */
  readonly functions: readonly string[];
}

const numbers: readonly KqlType[] = ['int', 'long', 'real', 'decimal'];
const classes: Readonly<Record<string, readonly KqlType[]>> = {
  Integer: ['int', 'long'],
  Number: numbers,
  Summable: [...numbers, 'timespan', 'datetime'],
  NumberOrBool: [...numbers, 'bool'],
  NotDynamic: kqlTypes.filter((t) => t !== 'dynamic'),
  NotRealOrBool: ['string', 'int', 'long', 'datetime', 'timespan', 'guid'],
  Orderable: kqlTypes.filter((t) => t !== 'dynamic' && t !== 'bool' && t !== 'guid'),
  StringOrDynamic: ['string', 'dynamic'],
  StringOrArray: ['string', 'dynamic'],
  IntegerOrArray: ['int', 'long'],
  DynamicArray: ['dynamic'],
  DynamicBag: ['dynamic'],
  CommonOrderable: kqlTypes.filter((t) => t !== 'dynamic' && t !== 'bool' && t !== 'guid'),
};

/** Not over single rows, or of tables; or they tell the time of the engine or of the file. */
const left =
  /^(cluster|database|table|external_table|materialized_view|entity_group|stored_query_result|graph|prev|next|row_|any$|all$|map$|inner_nodes|labels|node_|column_names_of|ingestion_time|assert|bin_auto|estimate_data_size|iscolumnexists)/;
/** Calls that go out of the engine: a stage each, so fewer of them. */
const slow =
  /^(geo_|series_(decompose|fit|periods|outliers|fft|ifft|seasonal)|convert_|gzip|zlib|parse_user_agent|beta_|welch|loggamma|gamma|erf|.*punycode|series_(fir|iir|stats))/;

/** Makes expressions of a wanted type. */
export class Expressions {
  /** Set when an expression gives another value each time. */
  varies = false;
  readonly aggregates = known().aggregates;
  private readonly byType = known().byType;

  constructor(
    readonly r: Random,
    /** How often an expression has another type than it should. */
    private readonly wrong = 0.004,
  ) {}

  of(type: KqlType, scope: Scope, depth: number): string {
    const { r } = this;
    if (r.chance(this.wrong)) return this.of(r.pick(kqlTypes), scope, depth);
    if (depth <= 0) return this.leaf(type, scope);
    return r.weighted<() => string>([
      [4, () => this.leaf(type, scope)],
      [4, () => this.operator(type, scope, depth - 1)],
      [5, () => this.called(type, scope, depth - 1)],
      [0.6, () => this.choice(type, scope, depth - 1)],
    ])();
  }

  any(scope: Scope, depth: number): { text: string; type: KqlType } {
    const type = this.r.pick(kqlTypes);
    return { text: this.of(type, scope, depth), type };
  }

  leaf(type: KqlType, scope: Scope): string {
    const fits = [...scope.columns, ...scope.scalars].filter((c) => c.type === type);
    return fits.length > 0 && this.r.chance(0.75) ? kqlName(this.r.pick(fits).name) : literalOf(type, this.r);
  }

  private choice(type: KqlType, scope: Scope, depth: number): string {
    const value = () => this.of(type, scope, depth);
    const test = () => this.of('bool', scope, depth);
    if (this.r.chance(0.4)) return `${this.r.pick(['iff', 'iif'])}(${test()}, ${value()}, ${value()})`;
    return this.r.chance(0.5)
      ? `case(${test()}, ${value()}, ${test()}, ${value()}, ${value()})`
      : `coalesce(${value()}, ${value()})`;
  }

  private operator(type: KqlType, scope: Scope, depth: number): string {
    const { r } = this;
    const of = (t: KqlType) => `(${this.of(t, scope, depth)})`;
    const number = () => of(r.pick(numbers));
    switch (type) {
      case 'bool':
        return this.condition(scope, depth);
      case 'int':
      case 'long':
      case 'real':
      case 'decimal':
        return r.weighted([
          [4, `${of(type)} ${r.pick(['+', '-', '*'])} ${of(type)}`],
          [1, `${of(type)} ${r.pick(['/', '%'])} ${of(type)}`],
          [1, `-${of(type)}`],
          [1, `to${type}(${of(r.pick(kqlTypes))})`],
        ]);
      case 'string':
        return r.weighted([
          [3, `strcat(${of(r.pick(kqlTypes))}, ${of('string')})`],
          [2, `tostring(${of(r.pick(kqlTypes))})`],
          [
            scope.functions.length,
            scope.functions.length ? `${kqlName(r.pick(scope.functions))}(${of('string')})` : '""',
          ],
        ]);
      case 'datetime':
        return r.weighted([
          [3, `${of('datetime')} ${r.pick(['+', '-'])} ${of('timespan')}`],
          [1, `bin(${of('datetime')}, ${r.pick(['1h', '1d', '7d', '15m'])})`],
          [1, `todatetime(${of(r.pick(['string', 'long', 'dynamic', 'datetime']))})`],
        ]);
      case 'timespan':
        return r.weighted([
          [2, `${of('datetime')} - ${of('datetime')}`],
          [1, `${of('timespan')} * ${number()}`],
          [1, `${of('timespan')} + ${of('timespan')}`],
          [1, `totimespan(${of(r.pick(['string', 'long', 'timespan']))})`],
        ]);
      case 'guid':
        return `toguid(${of('string')})`;
      case 'dynamic':
        return r.weighted([
          [3, `${of('dynamic')}${r.pick(['.a', '.b.c', '[0]', '[-1]', `["a"]`, `["zqn'x"]`, '.["a b"]'])}`],
          [2, `parse_json(${of('string')})`],
          [2, `bag_pack(${this.r.pick(['"a"', `"zqn'\\\\\`"`, '"x y"'])}, ${of(r.pick(kqlTypes))})`],
          [2, `pack_array(${of(r.pick(kqlTypes))}, ${of(r.pick(kqlTypes))})`],
          [1, `todynamic(${of('string')})`],
        ]);
    }
  }

  condition(scope: Scope, depth: number): string {
    const { r } = this;
    const of = (t: KqlType) => `(${this.of(t, scope, depth)})`;
    const ordered = r.pick(['int', 'long', 'real', 'decimal', 'datetime', 'timespan'] as const);
    const word = r.pick([
      'contains',
      'has',
      'startswith',
      'endswith',
      'hasprefix',
      'hassuffix',
      'contains_cs',
      'has_cs',
      'startswith_cs',
      'endswith_cs',
      'hasprefix_cs',
      'hassuffix_cs',
    ]);
    const list = (t: KqlType) => r.times(r.int(1, 3), () => (t === 'dynamic' ? of('string') : of(t))).join(', ');
    return r.weighted<() => string>([
      [3, () => `${of(ordered)} ${r.pick(['<', '<=', '>', '>=', '==', '!='])} ${of(ordered)}`],
      [
        1,
        () => {
          const t = r.pick(kqlTypes);
          return `${of(t)} ${r.pick(['==', '!='])} ${of(t)}`;
        },
      ],
      [3, () => `${of('string')} ${r.chance(0.25) ? '!' : ''}${word} ${of('string')}`],
      [1, () => `${of('string')} ${r.pick(['=~', '!~'])} ${of('string')}`],
      [
        1.5,
        () => {
          const t = r.pick<KqlType>(['string', 'long', 'int', 'datetime', 'guid', 'real']);
          return `${of(t)} ${r.pick(['in', '!in'])} (${list(t)})`;
        },
      ],
      [1, () => `${of('string')} ${r.pick(['in~', '!in~', 'has_any', 'has_all'])} (${list('string')})`],
      [0.5, () => `${of('string')} ${r.pick(['in', 'in~', 'has_any'])} (${arrayLiteral(r)})`],
      [1, () => `${of(ordered)} ${r.chance(0.3) ? '!' : ''}between (${of(ordered)} .. ${of(ordered)})`],
      [1, () => `${of('string')} matches regex ${textFor('regex', [], r)}`],
      [2, () => `${of('bool')} ${r.pick(['and', 'or'])} ${of('bool')}`],
      [1, () => `not(${of('bool')})`],
      [1, () => `${r.pick(['isnull', 'isnotnull', 'isempty', 'isnotempty'])}(${of(r.pick(kqlTypes))})`],
    ])();
  }

  private called(type: KqlType, scope: Scope, depth: number): string {
    for (;;) {
      const s = this.r.pick(this.byType.get(type)!);
      if (slow.test(s.name) && this.r.chance(0.85)) continue;
      if (/^(rand|new_guid)$/.test(s.name)) {
        if (this.r.chance(0.8)) continue;
        this.varies = true;
      }
      return this.call(s, type, scope, depth);
    }
  }

  /** A call of the function that gives the type where the signature lets it. */
  call(s: Signature, type: KqlType, scope: Scope, depth: number): string {
    const { r } = this;
    const common = s.returns.startsWith('Common') ? type : r.pick(kqlTypes);
    const args: string[] = [];
    for (const [i, p] of s.parameters.entries()) {
      const few = s.name.startsWith('case') ? 1 : Math.min(p.max, p.min + (r.chance(0.3) ? 1 : 0));
      const wanted =
        (s.returns === 'Parameter0' && i === 0) || (s.returns === 'Parameter1' && i === 1) ? type : undefined;
      if (few === 0) break;
      for (let n = 0; n < few; n++) args.push(this.argument(p, wanted, common, type, scope, depth));
    }
    return `${s.name}(${args.join(', ')})`;
  }

  argument(
    p: SignatureParameter,
    wanted: KqlType | undefined,
    common: KqlType,
    result: KqlType,
    scope: Scope,
    depth: number,
  ): string {
    const { r } = this;
    const fixed = p.argument !== 'Expression' && !p.argument.startsWith('Star') && p.argument !== 'Column';
    if (p.name === 'captureGroup') return String(r.int(0, 2));
    if (p.types.includes('type')) return `typeof(${result})`;
    const type = wanted ?? this.typeFor(p, common);
    if (p.kind === 'DynamicArray' || (p.kind === 'IntegerOrArray' && r.chance(0.5)))
      return fixed || r.chance(0.6) ? arrayLiteral(r) : this.openDynamic(scope, depth);
    if (p.kind === 'DynamicBag') return fixed || r.chance(0.6) ? bagLiteral(r) : this.openDynamic(scope, depth);
    if (p.argument === 'Column') {
      const fits = scope.columns.filter((c) => c.type === type);
      return fits.length > 0 ? kqlName(r.pick(fits).name) : literalOf(type, r);
    }
    if (type === 'string' && (fixed || p.values.length > 0 || r.chance(0.35))) return textFor(p.name, p.values, r);
    return fixed ? literalOf(type, r) : this.of(type, scope, depth);
  }

  /** A dynamic of which the binder does not know what it holds. */
  private openDynamic(scope: Scope, depth: number): string {
    const fits = scope.columns.filter((c) => c.type === 'dynamic');
    return fits.length > 0 && this.r.chance(0.7)
      ? kqlName(this.r.pick(fits).name)
      : `parse_json(${this.of('string', scope, depth)})`;
  }

  private typeFor(p: SignatureParameter, common: KqlType): KqlType {
    if (p.types.length > 0) return this.r.pick(p.types) as KqlType;
    if (p.kind.startsWith('Common')) return common;
    return this.r.pick(classes[p.kind] ?? kqlTypes);
  }
}

interface Known {
  readonly byType: ReadonlyMap<KqlType, readonly Signature[]>;
  readonly aggregates: readonly Signature[];
}
let table: Known | undefined;

function known(): Known {
  if (table) return table;
  const all = signatures();
  const refused = new Set(allEntries().flatMap((e) => (e.kind === 'refusal' ? [e.name] : [])));
  const scalar = all.filter((s) => !s.isAggregate && !left.test(s.name) && !refused.has(s.name));
  table = {
    byType: new Map(kqlTypes.map((type) => [type, scalar.filter((s) => gives(s, type))])),
    aggregates: all.filter((s) => s.isAggregate),
  };
  return table;
}

/** Whether a call can have the type. */
function gives(s: Signature, type: KqlType): boolean {
  if (s.parameters.some((p) => /^(Tabular|Database|Cluster|Graph)/.test(p.kind))) return false;
  switch (s.returns) {
    case 'Declared':
      return s.type === type;
    case 'Parameter0':
    case 'Parameter1': {
      const p = s.parameters[s.returns === 'Parameter0' ? 0 : 1];
      return (
        p !== undefined && (p.types.length > 0 ? p.types.includes(type) : (classes[p.kind] ?? kqlTypes).includes(type))
      );
    }
    case 'Common':
    case 'CommonNonDynamic':
      if (/^(case|iff|iif)$/.test(s.name)) return false;
      return type !== 'dynamic' && (classes[s.parameters[0]!.kind] ?? kqlTypes).includes(type);
    case 'Widest':
      return type === 'real' || type === 'long';
    case 'ParameterNLiteral':
      return true;
    default:
      return false;
  }
}
