import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStorage, Unanswered, type UploadPurpose } from '../../client/parley.ts';
import { openParley, type TestParley } from '../app/parley.ts';
import { eventually } from './support/eventually.ts';
import { demandNoErrors, newcomer, openClient, startGroup, texts } from './support/people.ts';

let server: TestParley;
beforeAll(async () => {
  server = await openParley();
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(demandNoErrors);

/** Where files would be kept: gives each an id, or fails as it is told to. */
class Shelf {
  readonly kept: { readonly file: unknown; readonly purpose: UploadPurpose }[] = [];
  readonly failures: Error[] = [];

  readonly upload = async (file: unknown, purpose: UploadPurpose): Promise<{ mediaId: string }> => {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.kept.push({ file, purpose });
    return { mediaId: crypto.randomUUID() };
  };
}

describe('a message', () => {
  it('O09 that does not fit into a frame is sent all the same', async () => {
    await using ana = await newcomer(server.parley.url);
    await using ben = await newcomer(server.parley.url);
    const group = await startGroup(ana, [ben]);
    await eventually(() => group.snapshot).not.toBeNull();
    await group.open();
    // Each of these characters is one byte, and six in JSON.
    const long = '\u0001'.repeat(16_000);
    const messageId = await group.send(long);
    await group.send('short');
    await eventually(() => group.snapshot!.items.map(({ status }) => status)).toEqual(['done', 'done']);
    await group.edit(messageId, { text: `${long.slice(1)}!` });
    await eventually(() => group.snapshot!.items.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(texts(group)).toEqual([`${long.slice(1)}!`, 'short']);
    expect(ana.connection.closeCode).toBeNull();
  });

  it('O10 waits for its uploads, and keeps its place', async () => {
    const shelf = new Shelf();
    shelf.failures.push(new Unanswered('not now'));
    await using ana = await newcomer(server.parley.url, { upload: shelf.upload });
    await using ben = await newcomer(server.parley.url);
    const group = await startGroup(ana, [ben]);
    await eventually(() => group.snapshot).not.toBeNull();
    await group.open();
    const messageId = await group.send({ text: 'look', files: ['cat', 'dog'] });
    await group.send('nice?');
    await eventually(() => group.snapshot!.items.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(texts(group)).toEqual(['look', 'nice?']);
    const { conversationId } = group;
    expect(shelf.kept).toEqual([
      { file: 'cat', purpose: { conversationId, messageId, index: 0 } },
      { file: 'dog', purpose: { conversationId, messageId, index: 1 } },
    ]);
    expect(group.snapshot!.items[0]!.attachments.length).toBe(2);
  });

  it('O10 does not upload again after a reload what was uploaded before, and fails if an upload does', async () => {
    const shelf = new Shelf();
    const storage = new MemoryStorage();
    const ana = await newcomer(server.parley.url, { storage, upload: shelf.upload });
    await using ben = await newcomer(server.parley.url);
    const group = await startGroup(ana, [ben]);
    await eventually(() => group.snapshot).not.toBeNull();
    const second = Promise.withResolvers<never>();
    const { upload } = shelf;
    let calls = 0;
    const stuck = (file: unknown, purpose: UploadPurpose) => {
      calls += 1;
      return calls === 1 ? upload(file, purpose) : second.promise;
    };
    await ana[Symbol.asyncDispose]();
    const stuckClient = await openClient(server.parley.url, { storage, upload: stuck });
    stuckClient.connect();
    await stuckClient.conversation(group.conversationId).send({ files: ['cat', 'dog'] });
    await eventually(() => calls).toBe(2);
    second.reject(new Unanswered('the page is gone'));
    await stuckClient[Symbol.asyncDispose]();

    shelf.failures.push(new Error('too big'));
    await using again = await openClient(server.parley.url, { storage, upload });
    again.connect();
    const copy = again.conversation(group.conversationId);
    await eventually(() => copy.snapshot!.items[0]).toMatchObject({
      status: 'failed',
      failure: { code: 'upload/failed', title: 'too big' },
    });
    await again.outbox.retry(copy.snapshot!.items[0]!.entryId!);
    await eventually(() => copy.snapshot!.items[0]?.status).toBe('done');
    expect(shelf.kept.map(({ file }) => file)).toEqual(['cat', 'dog']);
  });
});
