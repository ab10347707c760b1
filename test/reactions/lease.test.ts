import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { SqliteDocumentStore } from '../../adapters/sqlite/document-store.ts';
import { DocumentStoreUnavailable, type DocumentStore } from '../../ports/document-store.ts';
import { Lease } from '../../reactions/lease.ts';
import { faulty } from '../projections/support/faulty.ts';

const timing = { beatMs: 10, deadMs: 100 };

/** A candidate that counts how often it began and ended its work. */
const candidate = (documents: DocumentStore) => {
  const terms = { begun: 0, ended: 0 };
  const lease = new Lease({ documents, name: 'lease:test', ...timing }, async (signal) => {
    terms.begun += 1;
    if (!signal.aborted) await once(signal, 'abort');
    terms.ended += 1;
  });
  return { lease, terms, [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose]() };
};

describe('a lease', () => {
  it('is held by one of many', async () => {
    await using documents = new SqliteDocumentStore(':memory:');
    await using scope = new AsyncDisposableStack();
    const all = Array.from({ length: 5 }, () => scope.use(candidate(documents)));
    await expect.poll(() => all.filter(({ lease }) => lease.isHeld).length).toBe(1);
    const holder = all.find(({ lease }) => lease.isHeld)!;
    const before = await documents.checkpoint('lease:test');
    await expect.poll(() => documents.checkpoint('lease:test')).toBeGreaterThan(before! + 100n * 1_024n);
    expect(holder.terms).toEqual({ begun: 1, ended: 0 });
    expect(all.reduce((sum, { terms }) => sum + terms.begun, 0)).toBe(1);
  });

  it('goes to another at once when it is given up, after the work under it has ended', async () => {
    await using documents = new SqliteDocumentStore(':memory:');
    await using first = candidate(documents);
    await expect.poll(() => first.lease.isHeld).toBe(true);
    await using second = candidate(documents);
    await first.lease[Symbol.asyncDispose]();
    expect(first.terms).toEqual({ begun: 1, ended: 1 });
    await expect.poll(() => second.lease.isHeld).toBe(true);
  });

  it('is taken from one that stands still, who ends its work once it comes to itself', async () => {
    await using documents = new SqliteDocumentStore(':memory:');
    let isStopped = false;
    const store = faulty<DocumentStore>(documents, () => {
      if (isStopped) throw new DocumentStoreUnavailable('stopped');
    });
    await using first = candidate(store);
    await expect.poll(() => first.lease.isHeld).toBe(true);
    await using second = candidate(documents);
    isStopped = true;
    await expect.poll(() => second.lease.isHeld).toBe(true);
    isStopped = false;
    await expect.poll(() => first.terms).toEqual({ begun: 1, ended: 1 });
    expect([first.lease.isHeld, second.lease.isHeld]).toEqual([false, true]);
  });

  it('is kept when only the answer to a beat was lost', async () => {
    await using documents = new SqliteDocumentStore(':memory:');
    let losses = 0;
    const store = new Proxy<DocumentStore>(documents, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          const answer: unknown = await Reflect.apply(member, target, args);
          if (property === 'commit' && losses > 0) {
            losses -= 1;
            throw new DocumentStoreUnavailable('the answer was lost');
          }
          return answer;
        };
      },
    });
    await using first = candidate(store);
    await expect.poll(() => first.lease.isHeld).toBe(true);
    losses = 1;
    const before = await documents.checkpoint('lease:test');
    await expect.poll(() => documents.checkpoint('lease:test')).toBeGreaterThan(before! + 200n * 1_024n);
    expect(losses).toBe(0);
    expect(first.terms).toEqual({ begun: 1, ended: 0 });
  });
});
