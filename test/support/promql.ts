import { parser } from '@prometheus-io/lezer-promql';

/** What a PromQL expression asks for. */
export interface Query {
  readonly selectors: readonly Selector[];
  /** Labels that its results are grouped or joined by. */
  readonly groups: readonly string[];
  readonly errors: readonly string[];
}

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly is: string; readonly value: string }[];
  /** The function that it stands in with a range, such as `rate`; '' without a range. */
  readonly rangeOf: string;
}

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** Reads an expression with Prometheus' own grammar; the variables of Grafana are filled with something that fits. */
export function readQuery(expression: string): Query {
  const text = expression
    .replaceAll('$__rate_interval', '5m')
    .replaceAll('$__range', '1h')
    .replace(/\$\w+/g, 'x');
  const textOf = ({ from, to }: SyntaxNode): string => text.slice(from, to);
  const selectors: Selector[] = [];
  const groups: string[] = [];
  const errors: string[] = [];
  parser.parse(text).iterate({
    enter: ({ node }) => {
      if (node.type.isError) errors.push(`at ${text.slice(node.from)}`);
      if (node.name === 'GroupingLabels') groups.push(...node.getChildren('LabelName').map(textOf));
      if (node.name !== 'VectorSelector') return;
      const metric = node.getChild('Identifier');
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      selectors.push({
        metric: metric === null ? '' : textOf(metric),
        matchers: matchers.map((matcher) => {
          const [label = '', is = '', value = ''] = ['LabelName', 'MatchOp', 'StringLiteral'].map((part) => {
            const child = matcher.getChild(part);
            return child === null ? '' : textOf(child);
          });
          return { label, is, value: value.slice(1, -1) };
        }),
        rangeOf: node.parent?.name === 'MatrixSelector' ? functionAround(node, textOf) : '',
      });
    },
  });
  return { selectors, groups, errors };
}

function functionAround(node: SyntaxNode, textOf: (node: SyntaxNode) => string): string {
  for (let around = node.parent; around !== null; around = around.parent) {
    const name = around.getChild('FunctionIdentifier');
    if (name !== null) return textOf(name);
  }
  return '';
}
