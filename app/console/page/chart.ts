import uPlot from 'uplot';
import { dateAndTimeOf, dateOf, minuteOf } from './format.ts';
import { html, useEffect, useRef, type VNode } from './html.ts';
import { colour, onThemeChange } from './theme.ts';

export interface Line {
  readonly name: string;
  readonly colour: `--${string}`;
  /** One for each moment; null: nothing to tell. */
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly title: string;
  readonly hint: string;
  /** Milliseconds since 1970. */
  readonly moments: readonly number[];
  readonly lines: readonly Line[];
  /** `bars` stand on one another. */
  readonly kind: 'lines' | 'bars';
  readonly format: (value: number) => string;
}

const height = 200;

/** Figures over time. What is drawn stands in a table as well, for whoever reads by ear. */
export function Chart({ title, hint, moments, lines, kind, format }: ChartProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    let plot: uPlot | undefined;
    const make = (): void => {
      plot?.destroy();
      const options = optionsOf(lines, kind, format, moments);
      plot = new uPlot(
        { ...options, width: Math.max(200, current.clientWidth), height },
        dataOf(moments, lines, kind),
        current,
      );
    };
    make();
    const endTheme = onThemeChange(make);
    const observer = new ResizeObserver(() => {
      if (current.clientWidth > 0) plot?.setSize({ width: current.clientWidth, height });
    });
    observer.observe(current);
    return () => {
      endTheme();
      observer.disconnect();
      plot?.destroy();
    };
  }, [moments, lines, kind]);
  return html`<figure class="card chart">
    <figcaption>
      <h2>${title}</h2>
      <p class="quiet">${hint}</p>
    </figcaption>
    <div
      class=${`plot plot-${kind}`}
      ref=${box}
      role="img"
      aria-label=${`${title}: the table below says the same`}
    ></div>
    <details class="as-table">
      <summary>As a table</summary>
      <div class="scroll-x" tabindex="0" role="region" aria-label=${title}>
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              ${lines.map(({ name }) => html`<th key=${name} scope="col" class="number">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${moments.flatMap((moment, at) =>
              lines.every(({ values }) => (values[at] ?? 0) === 0)
                ? []
                : [
                    html`<tr key=${moment}>
                      <th scope="row">${dateAndTimeOf(moment)}</th>
                      ${lines.map(
                        ({ name, values }) =>
                          html`<td key=${name} class="number">${said(values[at] ?? null, format)}</td>`,
                      )}
                    </tr>`,
                  ],
            )}
          </tbody>
        </table>
      </div>
    </details>
  </figure>`;
}

const said = (value: number | null, format: (value: number) => string): string =>
  value === null ? '–' : format(value);

/** uPlot counts in seconds. Bars are drawn from the tallest, which is the sum, down to the first. */
function dataOf(
  moments: readonly number[],
  lines: readonly Line[],
  kind: ChartProps['kind'],
): uPlot.AlignedData {
  const times = moments.map((ms) => ms / 1_000);
  if (kind === 'lines') return [times, ...lines.map(({ values }) => [...values])];
  const sums = moments.map(() => 0);
  const stacked = lines.map(({ values }) =>
    values.map((value, at) => (sums[at] = (sums[at] ?? 0) + (value ?? 0))),
  );
  return [times, ...stacked.toReversed()];
}

function optionsOf(
  lines: readonly Line[],
  kind: ChartProps['kind'],
  format: (value: number) => string,
  moments: readonly number[],
): Omit<uPlot.Options, 'width' | 'height'> {
  const font = '11px "Inter Variable", system-ui, sans-serif';
  const axis = {
    stroke: colour('--quiet'),
    font,
    size: 30,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const shown = kind === 'lines' ? lines : lines.toReversed();
  const bars = uPlot.paths.bars?.({ size: [0.7, 26], radius: 0.15, align: 1 });
  const stretch = ((moments[1] ?? 0) - (moments[0] ?? 0)) / 1_000;
  return {
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    legend: { markers: { width: 0, fill: (_, series) => colour(shown[series - 1]?.colour ?? '--quiet') } },
    scales: {
      x: { range: (_, min, max) => [min, kind === 'bars' ? max + stretch : max] },
      y: { range: (_, __, max) => [0, Math.max(kind === 'bars' ? 4 : 1, max * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 64,
        values: (_, splits, __, ___, step) =>
          splits.map((seconds) => (step >= 86_400 ? dateOf : minuteOf)(seconds * 1_000)),
      },
      {
        ...axis,
        size: kind === 'bars' ? 38 : 54,
        values: (_, splits) =>
          splits.map((split) => (Number.isInteger(split) || kind === 'lines' ? format(split) : '')),
      },
    ],
    series: [
      {
        // uPlot would call it Time.
        label: '\u00a0',
        value: (_, seconds) => (seconds === null ? '' : dateAndTimeOf(seconds * 1_000)),
      },
      ...shown.map((line): uPlot.Series => ({
        label: line.name,
        stroke: colour(line.colour),
        width: kind === 'lines' ? 2 : 0,
        spanGaps: true,
        points: { show: kind === 'lines', size: 5, fill: colour(line.colour) },
        value: (_, __, ___, at) => (at === null ? '' : said(line.values[at] ?? null, format)),
        ...(kind === 'bars'
          ? {
              fill: colour(line.colour),
              ...(bars === undefined ? {} : { paths: bars }),
              points: { show: false },
            }
          : {}),
      })),
    ],
  };
}
