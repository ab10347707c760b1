import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { steps } from '../../client/connection/states.ts';
import { rows, ruleIds } from './support/spec.ts';

const titles = globSync('**/*.test.ts', { cwd: import.meta.dirname }).flatMap((file) =>
  Array.from(
    readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/\(\s*['"`]([A-Z]\d\d [^'"`]+)/g),
    ([, title]) => title!,
  ),
);

describe('the specification of the client', () => {
  it('has the table of states that is implemented, row for row', () => {
    const implemented = Object.entries(steps).flatMap(([state, row]) =>
      Object.entries(row).map(([happening, { to, effects }]) => ({ state, happening, to, effects })),
    );
    expect(rows.map(({ id: _id, ...row }) => row)).toEqual(implemented);
  });

  it('has one id for each row and rule', () => {
    const ids = [...rows.map(({ id }) => id), ...ruleIds];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(60);
  });

  it('has a test for each rule, which begins with its id', () => {
    expect(ruleIds.filter((id) => !titles.some((title) => title.startsWith(`${id} `)))).toEqual([]);
  });

  it('has no test of a rule that there is not', () => {
    const tested = titles.flatMap((title) => title.match(/^[A-Z]\d\d(?= )/)?.[0] ?? []);
    expect(tested.filter((id) => !ruleIds.includes(id))).toEqual([]);
  });
});
