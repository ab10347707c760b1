import type { Collection } from 'mongodb';
import type { AnyBotRecord, BotRecordKind, BotRecordOf, BotRecords } from '../../ports/bot-records.ts';

/** As it is, under kind and id. */
export interface StoredBotRecord {
  readonly _id: string;
  readonly kind: string;
  readonly parentId: string;
  readonly record: AnyBotRecord;
}

export const storedBotRecord = (record: AnyBotRecord): StoredBotRecord => {
  const { kind, id, parentId } = record;
  return { _id: `${kind}/${id}`, kind, parentId, record };
};

/** Runs one call to the server. */
type Run = <T>(work: () => Promise<T>) => Promise<T>;

/** One collection of the credentials' database. */
export class MongoBotRecords implements BotRecords {
  readonly #collection: Collection<StoredBotRecord>;
  readonly #run: Run;

  constructor(collection: Collection<StoredBotRecord>, run: Run) {
    this.#collection = collection;
    this.#run = run;
  }

  async put(record: AnyBotRecord): Promise<void> {
    const { _id, ...stored } = storedBotRecord(record);
    await this.#run(() => this.#collection.updateOne({ _id }, { $set: stored }, { upsert: true }));
  }

  async get<Kind extends BotRecordKind>(kind: Kind, id: string): Promise<BotRecordOf<Kind> | undefined> {
    const found = await this.#run(() => this.#collection.findOne({ _id: `${kind}/${id}` }));
    return found?.record as BotRecordOf<Kind> | undefined;
  }

  of<Kind extends BotRecordKind>(kind: Kind, parentId: string): Promise<readonly BotRecordOf<Kind>[]> {
    return this.#find<Kind>({ kind, parentId });
  }

  all<Kind extends BotRecordKind>(kind: Kind): Promise<readonly BotRecordOf<Kind>[]> {
    return this.#find<Kind>({ kind });
  }

  async remove(kind: BotRecordKind, id: string): Promise<void> {
    await this.#run(() => this.#collection.deleteMany({ _id: `${kind}/${id}` }));
  }

  /** The bot first: without it nothing that belongs to it is of any use. */
  async removeBot(botId: string): Promise<void> {
    await this.remove('bot', botId);
    await this.#run(() => this.#collection.deleteMany({ kind: { $ne: 'bot' }, parentId: botId }));
  }

  async #find<Kind extends BotRecordKind>(filter: {
    readonly kind: string;
    readonly parentId?: string;
  }): Promise<readonly BotRecordOf<Kind>[]> {
    const found = await this.#run(() => this.#collection.find(filter).sort({ _id: 1 }).toArray());
    return found.map(({ record }) => record as BotRecordOf<Kind>);
  }
}
