/** The arrows of the architecture (docs/architecture.md): what may import what. `npm run check` holds them. */
const only = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^app/', pathNot: [from, '^app/errors\\.ts$', ...to] },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', comment: 'A circle has no beginning.', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'not-to-main', severity: 'error', comment: 'Nothing imports the composition root.', from: {}, to: { path: '^app/main\\.ts$' } },
    { name: 'not-to-cli', severity: 'error', comment: 'Commands are entry points.', from: { pathNot: '^(app/cli|test)/' }, to: { path: '^app/cli/' } },
    { name: 'not-to-test', severity: 'error', comment: 'The product does not depend on its tests.', from: { path: '^app/' }, to: { path: '^test/' } },
    { name: 'ari-client-in-its-room', severity: 'error', comment: 'Only app/asterisk/ari knows ari-client.', from: { pathNot: '^app/asterisk/ari/' }, to: { path: 'node_modules/(@types/)?ari-client' } },
    { name: 'sox-in-its-room', severity: 'error', comment: 'Only app/media knows sox-stream.', from: { pathNot: '^app/media/' }, to: { path: 'node_modules/sox-stream' } },
    { name: 'onnx-in-its-room', severity: 'error', comment: 'Only the own recogniser knows its runtime.', from: { pathNot: '^app/speech/local/' }, to: { path: 'node_modules/(onnxruntime|llama-tokenizer|@echogarden)' } },
    { name: 'azure-in-its-room', severity: 'error', comment: 'Vendor SDKs stay in their own folder.', from: { pathNot: '^app/(speech/azure|nlu/luis)/' }, to: { path: 'node_modules/(microsoft-cognitiveservices|@azure)' } },
    only('audio-is-pure', '^app/audio/', [], 'Samples in, samples out.'),
    only('lines', '^app/asterisk/(ari|lines|exchange)', ['^app/audio/', '^app/media/', '^app/ops/', '^app/asterisk/'], 'A line knows Asterisk and audio.'),
    only('conversation', '^app/conversation/', ['^app/speech/(spec|text)', '^app/nlu/spec', '^app/skills/', '^app/audio/', '^app/asterisk/lines/spec', '^app/ops/', '^app/media/'], 'A conversation sees specs, never a provider.'),
    only('speech', '^app/speech/', ['^app/audio/', '^app/ops/', '^app/config/schema'], 'Speech providers know their spec.'),
    only('nlu', '^app/nlu/', ['^app/speech/spec', '^app/ops/', '^app/config/schema'], 'Understanding knows its spec.'),
    only('skills', '^app/skills/', ['^app/nlu/(spec|cities)', '^app/speech/spec', '^app/ops/', '^app/jobs/', '^app/config/schema'], 'Skills know intents and slots.'),
    only('jobs', '^app/jobs/', ['^app/ops/'], 'Jobs are handed what they run.'),
    only('ops', '^app/ops/', [], 'Logs and clocks depend on nothing.'),
    only('config', '^app/config/', [], 'Configuration depends on nothing.'),
    { name: 'no-orphans', severity: 'error', comment: 'Code that nobody uses.', from: { orphan: true, path: '^app/', pathNot: ['^app/(main\\.ts|cli/)', '\\.d\\.m?ts$'] }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
