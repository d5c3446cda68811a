/** Before each test file: properties draw from one seed, so that the same code gives the same verdict. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['LEYDEN_TEST_SEED'] ?? 1) });
