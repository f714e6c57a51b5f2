import a11y from 'eslint-plugin-jsx-a11y-x';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

/** Features do not know each other, except the ones that show a contact, a session or the way around. */
const features = ['contacts', 'inbox', 'me', 'ops', 'record', 'repairs', 'settings', 'team'];

export default ts.config(
  { ignores: ['dist', 'node_modules', 'browser/artefacts', 'src/api/schema.d.ts'] },
  ...ts.configs.recommended,
  hooks.configs.flat.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'jsx-a11y-x': a11y },
    rules: {
      ...a11y.configs.recommended.rules,
      // `role` of our own components is a role of the business.
      'jsx-a11y-x/aria-role': ['error', { ignoreNonDOM: true }],
      // Dialogs, search fields and the composer are opened to be typed into.
      'jsx-a11y-x/no-autofocus': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // The React Compiler is not used; the virtualised lists would break under it.
      'react-hooks/incompatible-library': 'off',
      'react-hooks/set-state-in-effect': 'off',
      'react-hooks/refs': 'off',
      'react-hooks/purity': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/ui/**', 'src/lib/**', 'src/api/**', 'src/live/**', 'src/outbox/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@/features/*', '@/app/*'] }] },
  },
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: features
            .filter((other) => other !== feature && other !== 'contacts')
            .map((other) => `@/features/${other}/*`),
        },
      ],
    },
  })),
  { files: ['browser/**'], rules: { 'no-console': 'off' } },
);
