import { fail } from '../base/index.js';
import { type Expr, inputsOf, type Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import type { KqlType } from '../tables/index.js';
import { type Context, Scope, unsupported } from './context.js';
import { lowerExpr } from './expression.js';
import { namesTables } from './graph/to-table.js';
import { limited, setOption } from './options.js';
import { parameterValue } from './parameters.js';
import { refusedStatements } from './refused.js';
import { lowerRel, sourceName } from './relation.js';

/** Lowers a block of statements (a query or a function body) and gives the value of its last expression. */
export function lowerStatements(block: Node, cx: Context): Expr | Rel {
  const scope = new Scope(cx.scope);
  const inner = { ...cx, scope };
  let result: Node | undefined;
  const take = (expression: Node) => {
    if (result) unsupported(expression, 'a query with several results is not supported', 'run the queries one by one');
    result = expression;
  };
  for (const statement of block.list('Statements')) {
    switch (statement.kind) {
      case 'LetStatement':
        declare(statement, inner);
        break;
      case 'ExpressionStatement': {
        const expression = statement.get('Expression');
        if (expression.kind.endsWith('Command'))
          fail('KQL1002', 'this is a management command, not a query', { span: expression.span });
        if (namesTables(expression)) lowerRel(expression, inner);
        else take(expression);
        break;
      }
      case 'QueryParametersStatement':
        for (const p of statement.list('Parameters')) declareParameter(p, inner);
        break;
      case 'PatternStatement':
        scope.set(statement.get('Name').name, { kind: 'pattern', declaration: statement, scope });
        break;
      case 'SetOptionStatement':
        setOption(statement, inner);
        break;
      default:
        refuseStatement(statement);
    }
  }
  const last = block.child('Expression');
  if (last) take(last);
  if (!result) return fail('KQL1002', 'there is no query here', { span: block.span });
  if (!isTabular(result, inner)) return lowerExpr(result, inner);
  const rel = lowerRel(result, inner);
  return cx.depth === 0 ? limited(rel, inner) : rel;
}

function refuseStatement(statement: Node): never {
  const refusal = refusedStatements[statement.kind];
  const name = statement.kind.replace('Statement', '').toLowerCase();
  const why = refusal ? `: ${refusal.reason}` : '';
  return unsupported(statement, `the statement ${name} is not supported${why}`, refusal?.instead);
}

/** A bare name may be a relation that the binder knows only as a parameter. */
function isTabular(node: Node, cx: Context): boolean {
  if (node.kind === 'NameReference') {
    const binding = cx.scope.find(node.name);
    if (binding && binding.kind !== 'function' && binding.kind !== 'pattern') return binding.kind === 'rel';
  }
  return node.isTabular || node.kind.endsWith('Operator') || node.kind === 'PipeExpression';
}

function declare(statement: Node, cx: Context): void {
  const name = statement.get('Name').name;
  const value = statement.get('Expression');
  if (value.kind === 'FunctionDeclaration') {
    cx.scope.set(name, { kind: 'function', declaration: value, scope: cx.scope });
    return;
  }
  const valueContext: Context = { ...cx, row: undefined, source: undefined };
  const outer = cx.scope;
  // A let may shadow a name that its own value still reads: `let T = T | where …`.
  const frozen: Context = { ...valueContext, scope: snapshot(outer, name) };
  if (isTabular(value, frozen)) {
    const get = once((): Rel => {
      const rel = lowerRel(value, frozen);
      if (relationsOf(rel) > maxRelations)
        fail('KQL1003', `this table has more than ${maxRelations} parts once the names in it stand for theirs`, {
          span: value.span,
        });
      return rel.kind === 'Shared' ? rel : { kind: 'Shared', name, input: rel, columns: rel.columns, span: value.span };
    });
    // Steps of the query's own lets are listed in the order of the source, so these are lowered at once.
    if (cx.steps) get();
    cx.scope.set(name, { kind: 'rel', get, source: sourceName(value, frozen) });
  } else {
    cx.scope.set(name, { kind: 'scalar', get: once(() => bounded(lowerExpr(value, frozen), value)) });
  }
}

const maxRelations = 100_000;
const relationCounts = new WeakMap<Rel, number>();

/** How many relations the relation has once every name in it stands for its own. */
function relationsOf(rel: Rel): number {
  const known = relationCounts.get(rel);
  if (known !== undefined) return known;
  const count = inputsOf(rel).reduce((n, input) => n + relationsOf(input), 1);
  relationCounts.set(rel, count);
  return count;
}

const maxParts = 50_000;
const sizes = new WeakMap<Expr, number>();

/** How many parts the expression has once every name in it stands for its value. */
function partsOf(e: Expr): number {
  const known = sizes.get(e);
  if (known !== undefined) return known;
  const size = e.kind === 'Call' ? e.args.reduce((n, a) => n + partsOf(a), 1) : 1;
  sizes.set(e, size);
  return size;
}

/** A let that reads the one before twice doubles: twenty of them would be a million parts. */
function bounded(e: Expr, node: Node): Expr {
  if (partsOf(e) > maxParts)
    fail('KQL1003', `this value has more than ${maxParts} parts once the names in it stand for theirs`, {
      span: node.span,
    });
  return e;
}

function snapshot(scope: Scope, name: string): Scope {
  const previous = scope.find(name);
  if (!previous) return scope;
  const chained = new Scope(scope);
  chained.set(name, previous);
  return chained;
}

function declareParameter(parameter: Node, cx: Context): void {
  const name = parameter.get('NameAndType').get('Name').name;
  if (cx.scope.find(name)) return;
  const given = cx.depth === 0 ? cx.session.parameters[name] : undefined;
  if (given !== undefined) {
    const type = parameter.get('NameAndType').get('Type').text.toLowerCase();
    const value = parameterValue(name, (parameter.get('NameAndType').type ?? type) as KqlType, given);
    cx.scope.set(name, { kind: 'scalar', get: () => value });
    return;
  }
  const value = parameter.child('DefaultValue')?.child('Value');
  if (!value)
    fail('KQL1002', `the query parameter '${name}' has no value`, { span: parameter.span, hint: `--param ${name}=…` });
  cx.scope.set(name, { kind: 'scalar', get: once(() => lowerExpr(value, { ...cx, row: undefined })) });
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
