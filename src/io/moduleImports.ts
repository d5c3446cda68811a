/**
 * Which files beside it a module imports, read off its text: `from './x'`, `import './x'`, `import('./x')`, `require('./x')`.
 *
 * What merely looks like it, in a comment or a text, is taken too: it names no file, or one too many.
 */

/** JavaScript's and TypeScript's own, plain or as modules of either kind. */
const SOURCE = /\.(?:[mc]?[jt]s|[jt]sx)$/;
/** Between the word and what it names; bounded, for the text is anybody's. */
const GAP = String.raw`\s{0,50}\(?\s{0,50}`;
const IMPORT = new RegExp(
  String.raw`\b(?:from|import|require)${GAP}(['"\x60])(\.{1,2}(?:/[^'"\x60\n$]{0,1000})?)\1`,
  'g',
);

/** @returns each once, in order: `./helper.ts`, `../shared` */
export const relativeImports = (text: string): string[] => [
  ...new Set(Array.from(text.matchAll(IMPORT), ([, , specifier = '']) => specifier)),
];

/** Whether a file of that name may import others. */
export const isModuleSource = (name: string): boolean => SOURCE.test(name);

/** The endings that stand for another in an import: TypeScript is imported by the name of what it compiles to. */
const WRITTEN_AS: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx', '.ts'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};
const ENDINGS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

/** What files an import of that path may mean; which of them are there decides. */
export function candidatesFor(path: string): string[] {
  const plain = path.replace(/\?.*$/s, '').replace(/\/$/, '');
  const [, stem = '', ending = ''] = /^(.*)(\.[mc]?jsx?)$/s.exec(plain) ?? [];
  const compiled = (WRITTEN_AS[ending] ?? []).map((each) => stem + each);
  return [
    plain,
    ...compiled,
    ...ENDINGS.map((each) => plain + each),
    ...ENDINGS.map((each) => `${plain}/index${each}`),
  ];
}
