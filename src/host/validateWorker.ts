/** One run of a validation, in a thread of its own. */
import { present } from '../base/assert.ts';
import { acceleratedSecp256k1 } from '../crypto/accelerated.ts';
import { useSecp256k1 } from '../crypto/secp256k1.ts';
import { measure, type Estimate, type Which } from '../experiment/validate/check.ts';
import { experimentsOf, type SizeName } from '../experiment/validate/fixture.ts';
import { readValidationFile } from './validationFiles.ts';

export interface ValidateJob {
  /** a fixture */
  readonly path: string;
  readonly size: SizeName;
  /** of the experiments that it makes at that size */
  readonly index: number;
  readonly which: Which;
}

const accelerated = await acceleratedSecp256k1();
if (accelerated !== null) useSecp256k1(accelerated);

export function runJob({ path, size, index, which }: ValidateJob): readonly Estimate[] {
  const experiments = experimentsOf(readValidationFile(path), size, path);
  return measure(present(experiments[index], 'an experiment that the plan had'), which);
}
