import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Effect, Happening, State } from '../../../client/connection/states.ts';

const text = readFileSync(join(import.meta.dirname, '../../../client/SPEC.md'), 'utf8');

export interface Row {
  readonly id: string;
  readonly state: State;
  readonly happening: Happening;
  readonly to: State;
  readonly effects: readonly Effect[];
}

/** The connection's table, as the specification has it. */
export const rows: readonly Row[] = [...text.matchAll(/^\| (C\d\d) \| (\w+) \| (\w+) \| (\w+) \| (.+) \|$/gm)].map(
  ([, id, state, happening, to, effects]) => ({
    id: id!,
    state: state as State,
    happening: happening as Happening,
    to: to as State,
    effects: effects === '–' ? [] : (effects!.split(', ') as Effect[]),
  }),
);

/** Ids of all rules but the table's rows. */
export const ruleIds: readonly string[] = [...text.matchAll(/\*\*([A-Z]\d\d)\*\*/g)].map(([, id]) => id!);
