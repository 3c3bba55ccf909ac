/** The one-way rule of the architecture: schemas <- core <- adapters <- judges <- components <- app. */
const order = ['schemas', 'core', 'adapters', 'judges', '(collectors|stream-processors|sinks)', 'app']
const upward = order.slice(0, -1).map((layer, index) => ({
  name: `${layer.replace(/[^a-z-]/g, '')}-looks-only-down`,
  severity: 'error',
  from: { path: `^${layer}/`, pathNot: '\\.test\\.ts$' },
  to: { path: `^(${order.slice(index + 1).join('|')}|docs|tests|bench)/` },
}))

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'no-component-imports-another',
      severity: 'error',
      from: { path: '^(collectors|stream-processors|sinks)/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(collectors|stream-processors|sinks)/([^/]+)/', pathNot: '^$1/$2/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-dev-dependency-in-the-product',
      severity: 'error',
      from: {
        path: '^(schemas|core|adapters|judges|collectors|stream-processors|sinks|app)/',
        pathNot: '(\\.test|\\.contract)\\.ts$',
      },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'one-file-per-outside-system',
      comment: 'Only adapters talk to an outside system.',
      severity: 'error',
      from: { pathNot: '^(adapters|tests|bench)/' },
      to: { path: 'node_modules/(chdb|@clickhouse/client|kafkajs)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
