/** Validations in threads. */
import { expect, test } from 'vitest';
import { runValidations } from '../../src/host/validate.ts';

test('what comes of them does not hang on how many threads there are', async () => {
  const progress: number[] = [];
  const [one, three] = await Promise.all(
    [1, 3].map((workers) =>
      runValidations({ only: 'v1', size: 'quick', workers, onProgress: (done) => progress.push(done) }),
    ),
  );
  expect(one!.results).toEqual(three!.results);
  expect(one!.results.map(({ verdict }) => verdict)).toEqual(['holds', 'holds']);
  expect(progress.filter((done) => done === 4)).toHaveLength(2);
});
