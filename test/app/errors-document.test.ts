import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { refusals } from '../../domain/errors.ts';

test('docs/errors.md has every code with its status, and no others', () => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| (\d{3}) \| `([^`]+)` \|/gm)].map(([, status, code]) => [code, Number(status)]);
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(refusals).map(([code, [status]]) => [code, status])),
  );
  expect(rows).toHaveLength(Object.keys(refusals).length);
});
