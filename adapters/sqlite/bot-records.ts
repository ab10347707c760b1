import type { DatabaseSync } from 'node:sqlite';
import type { AnyBotRecord, BotRecordKind, BotRecordOf, BotRecords } from '../../ports/bot-records.ts';
import { Statements } from './database.ts';

/** To be added to the migrations of the file that they are kept in. */
export const botRecordsTable = `create table bot_records (
  kind text not null,
  id text not null,
  parent_id text not null,
  body text not null,
  primary key (kind, id)
  ) strict, without rowid;
  create index bot_records_by_parent on bot_records (kind, parent_id, id)`;

type Row = Readonly<Record<string, unknown>>;

const toRecord = (row: Row): AnyBotRecord => JSON.parse(row['body'] as string) as AnyBotRecord;
export const botRow = (record: AnyBotRecord): readonly string[] => [
  record.kind,
  record.id,
  record.parentId,
  JSON.stringify(record),
];

const pageRecords = 500;

/** One table of the credentials' file. */
export class SqliteBotRecords implements BotRecords {
  readonly #statements: Statements;

  constructor(db: DatabaseSync) {
    this.#statements = new Statements(db);
  }

  async put(record: AnyBotRecord): Promise<void> {
    this.#statements.get('insert or replace into bot_records values (?, ?, ?, ?)').run(...botRow(record));
  }

  async get<Kind extends BotRecordKind>(kind: Kind, id: string): Promise<BotRecordOf<Kind> | undefined> {
    const row = this.#statements.get('select body from bot_records where kind = ? and id = ?').get(kind, id);
    return row && (toRecord(row) as BotRecordOf<Kind>);
  }

  async of<Kind extends BotRecordKind>(kind: Kind, parentId: string): Promise<readonly BotRecordOf<Kind>[]> {
    const sql = 'select body from bot_records where kind = ? and parent_id = ? order by id';
    return this.#statements
      .get(sql)
      .all(kind, parentId)
      .map((row) => toRecord(row) as BotRecordOf<Kind>);
  }

  async all<Kind extends BotRecordKind>(kind: Kind): Promise<readonly BotRecordOf<Kind>[]> {
    const sql = 'select body from bot_records where kind = ? order by id';
    return this.#statements
      .get(sql)
      .all(kind)
      .map((row) => toRecord(row) as BotRecordOf<Kind>);
  }

  async remove(kind: BotRecordKind, id: string): Promise<void> {
    this.#statements.get('delete from bot_records where kind = ? and id = ?').run(kind, id);
  }

  async removeBot(botId: string): Promise<void> {
    const sql = `delete from bot_records where (kind <> 'bot' and parent_id = ?1) or (kind = 'bot' and id = ?1)`;
    this.#statements.get(sql).run(botId);
  }

  /** Everything, page by page, by kind and id. */
  *pages(): Generator<readonly AnyBotRecord[], void, undefined> {
    const sql = `select kind, id, body from bot_records where (kind, id) > (?, ?) order by kind, id limit ${pageRecords}`;
    for (let [kind, id] = ['', '']; ;) {
      const rows: readonly Row[] = this.#statements.get(sql).all(kind, id);
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows.map(toRecord);
      [kind, id] = [last['kind'] as string, last['id'] as string];
    }
  }

  /** Puts in what is not there yet. */
  restore(record: AnyBotRecord): void {
    this.#statements.get('insert or ignore into bot_records values (?, ?, ?, ?)').run(...botRow(record));
  }
}
