import type { CheckpointMove } from '../../ports/document-store.ts';
import type { Position } from '../../ports/event-store.ts';
import type { Statements } from './database.ts';

export const checkpointTable =
  'create table "parley:checkpoints" (name text primary key, position integer not null) strict, without rowid';

export const readCheckpoints = (statements: Statements, names: readonly string[]): ReadonlyMap<string, Position> => {
  const wanted = 'select value from json_each(?)';
  const rows = statements
    .get(`select name, position from "parley:checkpoints" where name in (${wanted})`)
    .all(JSON.stringify(names));
  return new Map(rows.map(({ name, position }) => [name as string, position as Position]));
};

export const readCheckpointsStarting = (statements: Statements, prefix: string): ReadonlyMap<string, Position> => {
  const rows = statements.get('select name, position from "parley:checkpoints" where name >= ?').all(prefix);
  const named = rows.filter(({ name }) => (name as string).startsWith(prefix));
  return new Map(named.map(({ name, position }) => [name as string, position as Position]));
};

/** False when it does not stand where the mover believes. */
export const moveCheckpoint = (statements: Statements, { name, from, to }: CheckpointMove): boolean => {
  const moved =
    from === undefined
      ? statements.get('insert or ignore into "parley:checkpoints" values (?, ?)').run(name, to)
      : statements
          .get('update "parley:checkpoints" set position = ? where name = ? and position = ?')
          .run(to, name, from);
  return Number(moved.changes) === 1;
};

export const forgetCheckpoints = (statements: Statements, names: readonly string[]): void => {
  for (const name of names) statements.get('delete from "parley:checkpoints" where name = ?').run(name);
};
