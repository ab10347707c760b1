import type { CredentialRecord, CredentialStore } from '../../ports/credential-store.ts';

/** The target holds a credential, session or secret that the source does not hold. */
export class CredentialsDiffer extends Error {
  override readonly name = 'CredentialsDiffer';
}

const order = { credential: 0, session: 1, secret: 2, bot: 3 } as const;

/** Sorts as the stores do. */
const keyOf = (record: CredentialRecord): string => `${order[record.kind]}${idOf(record)}`;

const idOf = (record: CredentialRecord): string => {
  if (record.kind === 'credential') return record.credential.userId;
  if (record.kind === 'session') return record.session.sessionId;
  return record.kind === 'secret' ? record.name : `${record.record.kind}/${record.record.id}`;
};

const fieldsOf = (record: Exclude<CredentialRecord, { kind: 'secret' }>): object => {
  if (record.kind === 'credential') return record.credential;
  return record.kind === 'session' ? record.session : record.record;
};

const textOf = (record: CredentialRecord): string => {
  if (record.kind === 'secret') return Buffer.from(record.value).toString('hex');
  return JSON.stringify(Object.entries(fieldsOf(record)).toSorted(([one], [other]) => (one < other ? -1 : 1)));
};

async function* recordsOf(store: CredentialStore): AsyncGenerator<CredentialRecord, void, undefined> {
  for await (const page of store.records()) yield* page;
}

/** How many records the source holds, and how many of them the target. Throws `CredentialsDiffer`. */
const compareCredentials = async (
  source: CredentialStore,
  target: CredentialStore,
): Promise<{ readonly all: number; readonly there: number }> => {
  const copies = recordsOf(target);
  let copied = await copies.next();
  let all = 0;
  let there = 0;
  const refuse = ({ kind }: CredentialRecord): never => {
    throw new CredentialsDiffer(`There is a ${kind} in the target already that is not in the source`);
  };
  for await (const record of recordsOf(source)) {
    all += 1;
    if (copied.done) continue;
    const isSame = keyOf(copied.value) === keyOf(record) && textOf(copied.value) === textOf(record);
    if (!isSame && keyOf(copied.value) <= keyOf(record)) refuse(copied.value);
    if (!isSame) continue;
    there += 1;
    copied = await copies.next();
  }
  if (!copied.done) refuse(copied.value);
  return { all, there };
};

/** Copies what is missing, then compares everything; tells how many records there are. Throws `CredentialsDiffer`. */
export const copyCredentials = async (source: CredentialStore, target: CredentialStore): Promise<number> => {
  await compareCredentials(source, target);
  for await (const page of source.records()) await target.restore(page);
  const { all, there } = await compareCredentials(source, target);
  if (there < all) throw new CredentialsDiffer(`${all - there} records have another one in their place in the target`);
  return all;
};
