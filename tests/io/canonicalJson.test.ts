import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, hashOf } from '../../src/io/canonicalJson.ts';

test('the order of keys makes no difference, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { examples: [[{ ['__proto__']: 1 }]] },
  );
});

test('a hash is SHA-256 of that text', () => {
  expect(canonicalJson({ b: [1, null, 'x'], a: undefined })).toBe('{"b":[1,null,"x"]}');
  // echo -n '{}' | sha256sum
  expect(hashOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
});
