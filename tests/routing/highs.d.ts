/**
 * What the tests use of `highs`. The package's own declarations take it for CommonJS, though what is imported is its ES module:
 * by them the default export would be a namespace.
 */
declare module 'highs' {
  interface Solution {
    readonly Status: string;
    readonly ObjectiveValue: number;
  }
  /** Loads the solver: it solves programs in CPLEX's LP format. */
  export default function load(): Promise<{ solve(program: string): Solution }>;
}
