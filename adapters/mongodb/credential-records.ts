import { Binary, MongoBulkWriteError, type Collection, type Document, type FindCursor } from 'mongodb';
import { storedBotRecord, type StoredBotRecord } from './bot-records.ts';
import type { CredentialRecord, PasswordCredential, Session } from '../../ports/credential-store.ts';

export interface StoredSecret {
  readonly _id: string;
  readonly value: Binary;
}

export interface CredentialCollections {
  readonly credentials: Collection<PasswordCredential>;
  readonly sessions: Collection<Session>;
  readonly secrets: Collection<StoredSecret>;
  readonly bots: Collection<StoredBotRecord>;
}

/** Runs one call to the server. */
type Run = <T>(work: () => Promise<T>) => Promise<T>;

const duplicateKey = 11_000;
const pageRecords = 500;
const bare = { projection: { _id: 0 } } as const;

async function* pages<Row>(
  run: Run,
  find: (after: string) => FindCursor<Row>,
  keyOf: (row: Row) => string,
): AsyncGenerator<readonly Row[], void, undefined> {
  for (let after = ''; ;) {
    const from = after;
    const rows = await run(() => find(from).limit(pageRecords).toArray());
    if (rows.length === 0) return;
    yield rows;
    after = keyOf(rows.at(-1)!);
  }
}

/** Everything there is, in the order of the port. */
export async function* readRecords(
  { credentials, sessions, secrets, bots }: CredentialCollections,
  run: Run,
): AsyncGenerator<readonly CredentialRecord[], void, undefined> {
  const credentialsAfter = (userId: string) => credentials.find({ userId: { $gt: userId } }, bare).sort({ userId: 1 });
  for await (const rows of pages(run, credentialsAfter, ({ userId }) => userId)) {
    yield rows.map((credential) => ({ kind: 'credential', credential }));
  }
  const sessionsAfter = (sessionId: string) =>
    sessions.find({ sessionId: { $gt: sessionId } }, bare).sort({ sessionId: 1 });
  for await (const rows of pages(run, sessionsAfter, ({ sessionId }) => sessionId)) {
    yield rows.map((session) => ({ kind: 'session', session }));
  }
  const secretsAfter = (name: string) =>
    secrets.find({ _id: { $gt: name } }, { readConcern: 'majority' }).sort({ _id: 1 });
  for await (const rows of pages(run, secretsAfter, ({ _id }) => _id)) {
    yield rows.map(({ _id, value }) => ({ kind: 'secret', name: _id, value: Uint8Array.from(value.value()) }));
  }
  const botsAfter = (id: string) => bots.find({ _id: { $gt: id } }).sort({ _id: 1 });
  for await (const rows of pages(run, botsAfter, ({ _id }) => _id)) {
    yield rows.map(({ record }) => ({ kind: 'bot', record }));
  }
}

/** What is there already is a duplicate, and stays. */
const addMissing = async <Row extends Document>(collection: Collection<Row>, rows: readonly Row[]): Promise<void> => {
  if (rows.length === 0) return;
  const inserts = rows.map((row) => ({ insertOne: { document: { ...row } as never } }));
  try {
    await collection.bulkWrite(inserts, { ordered: false });
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const isAll = [error.writeErrors].flat().every(({ code }) => code === duplicateKey);
    if (!isAll || error.result.getWriteConcernError() !== undefined) throw error;
  }
};

export const addRecords = async (
  { credentials, sessions, secrets, bots }: CredentialCollections,
  records: readonly CredentialRecord[],
): Promise<void> => {
  const added = {
    credentials: records.flatMap((record) => (record.kind === 'credential' ? [record.credential] : [])),
    sessions: records.flatMap((record) => (record.kind === 'session' ? [record.session] : [])),
    secrets: records.flatMap((record) =>
      record.kind === 'secret' ? [{ _id: record.name, value: new Binary(record.value) }] : [],
    ),
    bots: records.flatMap((record) => (record.kind === 'bot' ? [storedBotRecord(record.record)] : [])),
  };
  await addMissing(credentials, added.credentials);
  await addMissing(sessions, added.sessions);
  await addMissing(secrets, added.secrets);
  await addMissing(bots, added.bots);
};
