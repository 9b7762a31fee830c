import tseslint from 'typescript-eslint';

/** Lint: types do most of the work, so the rules are those that need types. Format is prettier's, arrows dependency-cruiser's. */
export default tseslint.config(
  { ignores: ['node_modules/', '.parley/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['app/**/*.ts', 'test/**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers in template strings are what most messages are made of.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // The standard way to declare unused positions.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // tsconfig forbids dotted access to index signatures where it matters; both styles are fine elsewhere.
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // It takes a field for unchanged across an await, and so calls `signal.aborted` unnecessary just where it is needed.
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    // Configuration is read once, in main.ts and the commands; nothing else looks at the environment or ends the process.
    files: ['app/**/*.ts'],
    ignores: ['app/main.ts', 'app/cli/**', 'app/config/**', 'app/setup/**'],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: 'Pass what is needed as a value.' }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='process'][property.name=/^(env|exit)$/]",
          message: 'Configuration is read in main.ts; only the composition root ends the process.',
        },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // node:test returns promises that the runner awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              name: ['test', 'it', 'describe', 'suite', 'before', 'after', 'beforeEach', 'afterEach'],
              package: 'node:test',
            },
          ],
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Test stages are objects of functions, taken apart for the reader.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
