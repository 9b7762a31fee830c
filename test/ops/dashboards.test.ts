import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { stagesOf } from '../../app/conversation/trace.ts';
import { createMetrics } from '../../app/ops/metrics.ts';
import { readQuery } from '../support/promql.ts';
import { promtool } from '../support/promtool.ts';
import { turnRecord } from '../telemetry/support.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
}

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const folder = new URL('../../docs/', import.meta.url);
const dashboard = JSON.parse(await readFile(new URL('grafana/parley.json', folder), 'utf8')) as Dashboard;
const rules = parse(await readFile(new URL('prometheus/alerts.yml', folder), 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Alert[] }[];
};
const alerts = rules.groups.flatMap((group) => group.rules);
const page = await readFile(new URL('monitoring.md', folder), 'utf8');

/** Prometheus gives these to whatever it scrapes. */
const ofTheScrape = ['job', 'instance'];

interface Exposed {
  readonly type: string;
  /** The values that each label has. */
  readonly labels: Readonly<Record<string, ReadonlySet<string>>>;
}

/** What an app tells in which everything that is counted has happened. */
async function everything(): Promise<Map<string, Exposed>> {
  const metrics = createMetrics();
  metrics.callBegan();
  metrics.callAnswered('streamed', 40);
  metrics.callLasted(60_000);
  metrics.callEnded('caller');
  metrics.turnedAway();
  metrics.turn('GetTime', stagesOf(turnRecord(1).times));
  metrics.answered('not-understood');
  metrics.rung({ name: 'local', ms: 3, outcome: 'accepted' });
  metrics.bargeIn();
  metrics.falseInterruption();
  metrics.answeredTooSoon();
  metrics.askedAgain();
  metrics.farewell('silence');
  metrics.failedInCall('stt-unavailable');
  metrics.noCallerAudio();
  metrics.audioMissing(200, true);
  metrics.audioLost('streamed');
  metrics.storeDropped('full', 1);
  metrics.storeQueue(1);
  metrics.ariReconnected();
  metrics.spansLost(1);
  metrics.failover({ kind: 'stt', from: 'azure', to: 'local', reason: 'failed' });
  metrics.providerUp('stt', 'local', true);
  metrics.providerFailed('stt', 'azure', 'stt-unavailable');
  metrics.follow({
    version: '1.2.3',
    capacity: 20,
    ariConnected: () => true,
    engines: () => [{ kind: 'stt', provider: 'local', running: 1, waiting: 0 }],
    voiceFramesDropped: () => 7,
  });
  const names = new Map<string, { type: string; labels: Record<string, Set<string>> }>();
  let type = '';
  for (const line of (await metrics.text()).split('\n')) {
    type = /^# TYPE \S+ (\S+)/.exec(line)?.[1] ?? type;
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = names.get(name) ?? { type, labels: {} };
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g))
      (known.labels[label] ??= new Set()).add(value);
    names.set(name, known);
  }
  return names;
}

const exposed = await everything();
// Prometheus makes it; the process collects no garbage on command.
exposed.set('up', { type: 'gauge', labels: {} });
exposed.set('nodejs_gc_duration_seconds_sum', {
  type: 'histogram',
  labels: { kind: new Set(['minor', 'major', 'incremental']) },
});

/** Whether what is asked for is there, and asked for in the right way. */
function check(what: string, expression: string): void {
  const { selectors, groups, errors } = readQuery(expression);
  assert.deepEqual(errors, [], what);
  assert.ok(selectors.length > 0, what);
  const available = new Set(ofTheScrape);
  for (const { metric, matchers, rangeOf } of selectors) {
    const found = exposed.get(metric);
    assert.ok(found, `${what}: there is no ${metric}`);
    for (const label of Object.keys(found.labels)) available.add(label);
    for (const { label, is, value } of matchers) {
      if (ofTheScrape.includes(label)) continue;
      const values = found.labels[label];
      assert.ok(values, `${what}: ${metric} has no label ${label}`);
      if (is === '=') assert.ok(values.has(value), `${what}: ${metric} has no ${label} ${value}`);
    }
    const grows = found.type === 'counter' || found.type === 'histogram';
    assert.equal(['rate', 'increase'].includes(rangeOf), grows, `${what}: ${metric} is a ${found.type}`);
  }
  for (const label of groups) assert.ok(available.has(label), `${what}: nothing has a label ${label}`);
}

/** Labels that a result of the expression has. */
function labelsOf(expression: string): Set<string> {
  const { selectors, groups } = readQuery(expression);
  if (groups.length > 0) return new Set(groups);
  return new Set([
    ...ofTheScrape,
    ...selectors.flatMap(({ metric }) => Object.keys(exposed.get(metric)?.labels ?? {})),
  ]);
}

test('each panel of the dashboard asks for metrics that exist, with the labels that they have', () => {
  for (const { title, targets = [] } of dashboard.panels) {
    for (const { expr, legendFormat } of targets) {
      check(title, expr);
      const labels = labelsOf(expr);
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        assert.ok(labels.has(label), `${title}: its legend knows no ${label}`);
    }
  }
  for (const { expr } of dashboard.annotations.list) {
    assert.deepEqual(readQuery(expr).errors, []);
    for (const { metric } of readQuery(expr).selectors) assert.ok(exposed.has(metric), metric);
  }
  for (const { definition } of dashboard.templating.list) {
    const metric = /^label_values\((\w+)/.exec(definition ?? '')?.[1];
    if (metric !== undefined) assert.ok(exposed.has(metric), metric);
  }
});

test('the dashboard shows every metric of Parley’s own, and its panels do not lie on each other', () => {
  const shown = new Set(
    dashboard.panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr }) => readQuery(expr).selectors.map(({ metric }) => metric)),
    ),
  );
  for (const name of exposed.keys()) {
    if (!name.startsWith('parley_') || /_(sum|count)$/.test(name)) continue;
    assert.ok(shown.has(name), `${name} is on no panel`);
  }
  const places = new Set<string>();
  const ids = new Set<number>();
  for (const { id, title, gridPos } of dashboard.panels) {
    assert.ok(!ids.has(id), title);
    ids.add(id);
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!places.has(`${x} ${y}`), title);
        places.add(`${x} ${y}`);
      }
  }
});

test('each alert asks for metrics that exist, says what has happened, and is in the manual', () => {
  for (const { alert, expr, labels, annotations } of alerts) {
    check(alert, expr);
    assert.ok(['critical', 'warning', 'info'].includes(labels.severity), alert);
    const known = labelsOf(expr);
    for (const text of [annotations['summary'], annotations['description']]) {
      assert.ok(text, alert);
      for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g))
        assert.ok(known.has(label), `${alert}: there is no ${label}`);
    }
    assert.ok(page.includes(`\`${alert}\``), `${alert} is not in docs/monitoring.md`);
  }
});

test('the manual tells of each metric, and of none that is not there', () => {
  const own = new Set(
    [...exposed.keys()]
      .filter((name) => name.startsWith('parley_'))
      .map((name) => name.replace(/_(bucket|sum|count)$/, '')),
  );
  const told = new Set([...page.matchAll(/`(parley_\w+)/g)].map(([, name]) => name));
  assert.deepEqual([...told].sort(), [...own].sort());
});

test('the profile monitoring of docker-compose shows this dashboard, to this machine alone', async () => {
  const root = new URL('../../', import.meta.url);
  const { services } = parse(await readFile(new URL('docker-compose.yml', root), 'utf8')) as {
    readonly services: Readonly<
      Record<string, { profiles?: string[]; volumes?: string[]; ports?: string[]; environment?: object }>
    >;
  };
  const monitoring = Object.entries(services).filter(([, { profiles = [] }]) => profiles.length > 0);
  assert.deepEqual(
    monitoring.map(([name]) => name),
    ['prometheus', 'grafana'],
  );
  for (const [name, { volumes = [], ports = [] }] of monitoring) {
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
    for (const [from = ''] of volumes.map((volume) => volume.split(':')))
      if (from.startsWith('./')) assert.ok((await stat(new URL(from, root))).size > 0, from);
  }
  const provider = parse(
    await readFile(new URL('grafana/provisioning/dashboards/parley.yml', folder), 'utf8'),
  ) as { readonly providers: readonly { readonly options: { readonly path: string } }[] };
  const place = `${provider.providers[0]?.options.path}/parley.json`;
  assert.ok(services['grafana']?.volumes?.includes(`./docs/grafana/parley.json:${place}:ro`));
  const { scrape_configs: scrapes } = parse(
    await readFile(new URL('prometheus/prometheus.yml', folder), 'utf8'),
  ) as { readonly scrape_configs: readonly { readonly static_configs: readonly { targets: string[] }[] }[] };
  const environment = services['app']?.environment as Readonly<Record<string, unknown>>;
  assert.deepEqual(scrapes[0]?.static_configs[0]?.targets, [
    `app:${String(environment['PARLEY_MEDIA_PORT'])}`,
  ]);
});

test('Prometheus itself takes its configuration and the alerts, which go off when they should', async (t) => {
  for (const args of [
    ['check', 'config', 'docs/prometheus/prometheus.yml'],
    ['test', 'rules', 'test/ops/alerts.yaml'],
  ]) {
    const { status, stdout, stderr } = await promtool(args, t.signal);
    assert.equal(status, 0, `${args.join(' ')}\n${stdout}${stderr}`);
  }
});
