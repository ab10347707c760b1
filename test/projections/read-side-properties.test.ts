import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { catalog } from '../../domain/catalog.ts';
import type { Document, ProjectedStore } from '../../ports/document-store.ts';
import { beforeLog } from '../../ports/event-store.ts';
import { contentsOf } from '../../projections/contents.ts';
import type { LoggedEvent } from '../../projections/projection.ts';
import type { MessageDocument } from '../../projections/timeline/document.ts';
import { projections, readModelNames } from '../../projections/registry.ts';
import { factsOf, history, people } from './support/history.ts';
import type { StreamEvent } from './support/log.ts';
import { modelOf } from './support/model.ts';
import { project } from './support/project.ts';
import { openReadSide, type ReadSide } from './support/read-side.ts';

const endOf = (log: readonly StreamEvent[]): number =>
  log.reduce((latest, { event }) => Math.max(latest, Date.parse(event.data.at)), 0);

/** The log is written bit by bit, and looked at in between, each time at the moment of its last event. */
const forAnyHistory = (
  runs: number,
  check: (side: ReadSide, log: readonly StreamEvent[], now: number) => Promise<void>,
) =>
  fc.assert(
    fc.asyncProperty(history(), fc.integer({ min: 1, max: 40 }), async (log, batchDocuments) => {
      await using side = await openReadSide({ batchDocuments, clock: () => now });
      const half = Math.floor(log.length / 2);
      let now = endOf(log.slice(0, half));
      await side.until(await side.writer.writeAll(log.slice(0, half)));
      await check(side, log.slice(0, half), now);
      await side.until(await side.writer.writeAll(log.slice(half)));
      now = endOf(log);
      await check(side, log, now);
    }),
    { numRuns: runs },
  );

it('counts unread messages and mentions, and shows the last message, as the log says for every member', async () => {
  await forAnyHistory(40, async ({ readModels: { feed } }, log, now) => {
    const models = modelOf(log);
    for (const userId of people) {
      const entries = await feed.entries(await feed.memberships(userId));
      const expected = [...models].filter(([, model]) => model.members.has(userId));
      expect(entries.map(({ conversation }) => conversation.conversationId).toSorted()).toEqual(
        expected.map(([id]) => id).toSorted(),
      );
      for (const { conversation, unread, mentions, lastMessage } of entries) {
        const model = models.get(conversation.conversationId)!;
        const last = model.visible(userId).at(-1);
        expect({ unread, mentions, last: lastMessage?.messageId, text: lastMessage?.text ?? null }).toEqual({
          unread: model.unread(userId).length,
          mentions: model.unreadMentions(userId).length,
          last: last?.messageId,
          text: last && !model.isOver(last, now) ? last.text : null,
        });
      }
      const memberships = await feed.memberships(userId);
      expect(await feed.unreadCounts(memberships)).toEqual(
        memberships.map(({ member }) => models.get(member.conversationId)!.unread(userId).length),
      );
      const left = (await feed.leftSince(userId, -1n)).map(({ conversationId }) => conversationId);
      expect(left.toSorted()).toEqual(
        [...models].flatMap(([id, model]) => (model.left.has(userId) ? [id] : [])).toSorted(),
      );
    }
  });
});

it('pages through exactly what each member can see', async () => {
  await forAnyHistory(15, async ({ readModels: { timeline } }, log) => {
    for (const [conversationId, model] of modelOf(log)) {
      for (const userId of model.members.keys()) {
        const visible = { conversationId, userId, afterSeq: model.afterSeq(userId) };
        const seqs = model.visible(userId).map(({ seq }) => seq);
        const forth: number[] = [];
        for (let seq = 0; ; seq = forth.at(-1)!) {
          const page = await timeline.history(visible, { kind: 'after', seq }, 3);
          forth.push(...page.items.map((message) => message.seq));
          if (page.items.length > 0) expect(page.hasBefore).toBe(page.items[0]!.seq !== seqs[0]);
          if (!page.hasAfter) break;
        }
        expect(forth).toEqual(seqs);
        const back: number[] = [];
        let page = await timeline.history(visible, { kind: 'newest' }, 3);
        for (;;) {
          back.unshift(...page.items.map((message) => message.seq));
          if (!page.hasBefore) break;
          page = await timeline.history(visible, { kind: 'before', seq: back[0]! }, 3);
          expect(page.hasAfter).toBe(true);
        }
        expect(back).toEqual(seqs);
      }
    }
  });
});

it('shows nothing of a message whose time is over, and everything of the others', async () => {
  await forAnyHistory(15, async ({ readModels: { timeline } }, log, now) => {
    for (const [conversationId, model] of modelOf(log)) {
      const userId = [...model.members.keys()].at(-1);
      if (userId === undefined) continue;
      const visible = { conversationId, userId, afterSeq: model.afterSeq(userId) };
      const expected = model.visible(userId).map((message) => {
        const isOver = model.isOver(message, now);
        const { text, custom, attachments, mentions, reactions, pinnedAt } = message;
        if (!isOver) return { isOver, text, custom, attachments, mentions, reactions, pinnedAt };
        return { isOver, text: null, custom: null, attachments: [], mentions: [], reactions: [], pinnedAt: null };
      });
      const said = (messages: readonly MessageDocument[]) =>
        messages.map(({ deletedAt, text, custom, attachments, mentions, reactions, pinnedAt }) => {
          const content = { text, custom, attachments, mentions, reactions, pinnedAt };
          return { isOver: deletedAt !== null, ...content };
        });
      const { items } = await timeline.history(visible, { kind: 'newest' }, 1_000);
      expect(said(items)).toEqual(expected);
      const ids = items.map(({ messageId }) => messageId);
      const found = await timeline.messages(conversationId, ids);
      expect(said(found.toSorted((one, other) => one.seq - other.seq))).toEqual(expected);
      const kept = await timeline.oldestKept(conversationId, 1_000);
      expect(kept.map(({ seq }) => seq)).toEqual(
        model.messages.filter(({ deleted }) => !deleted).map(({ seq }) => seq),
      );
    }
    const ended = [...modelOf(log).values()]
      .flatMap(({ messages }) => messages)
      .filter(({ deleted, expiresAt }) => !deleted && expiresAt !== null && Date.parse(expiresAt) <= now)
      .map(({ messageId }) => messageId);
    const due = await timeline.due(new Date(now).toISOString(), 1_000);
    expect(due.map(({ messageId }) => messageId).toSorted()).toEqual(ended.toSorted());
  });
});

it('gives threads, pins, changes and pages around a message as the log says', async () => {
  await forAnyHistory(15, async ({ readModels: { timeline } }, log, now) => {
    for (const [conversationId, model] of modelOf(log)) {
      const userId = [...model.members.keys()].at(-1);
      if (userId === undefined) continue;
      const visible = { conversationId, userId, afterSeq: model.afterSeq(userId) };
      const seen = model.visible(userId);
      const pinned = seen.filter((each) => each.pinnedAt !== null && !model.isOver(each, now));
      const order = (a: (typeof pinned)[number]) => `${a.pinnedAt!} ${a.messageId}`;
      expect((await timeline.pins(visible, undefined, 100)).map(({ messageId }) => messageId)).toEqual(
        pinned.toSorted((a, b) => (order(a) < order(b) ? 1 : -1)).map(({ messageId }) => messageId),
      );
      for (const { messageId, seq, sentAt } of model.messages) {
        const inThread = seen.filter(({ threadRootId }) => threadRootId === messageId).map((reply) => reply.seq);
        const thread = await timeline.thread(visible, messageId, { kind: 'newest' }, 100);
        expect(thread.items.map((reply) => reply.seq)).toEqual(inThread);
        const around = await timeline.history(visible, { kind: 'around', seq }, 5);
        const at = await timeline.history(visible, { kind: 'at', time: sentAt }, 5);
        const older = seen.filter((each) => each.seq < seq);
        const newer = seen.filter((each) => each.seq >= seq);
        const before = Math.min(older.length, Math.max(2, 5 - newer.length));
        const expected = [...older.slice(older.length - before), ...newer.slice(0, 5 - before)];
        expect(around.items.map((each) => each.seq)).toEqual(expected.map((each) => each.seq));
        expect(around.hasBefore).toBe(older.length > before);
        expect(around.hasAfter).toBe(newer.length > 5 - before);
        const firstThen = model.messages.find((each) => each.sentAt >= sentAt)!;
        if (firstThen.seq === seq) expect(at).toEqual(around);
      }
      for (const since of [-1, ...model.messages.map(({ revision }) => revision)]) {
        const changed = seen.filter(({ revision }) => revision > since);
        expect(
          (await timeline.changedSince(visible, since, 1_000)).map(({ revision, seq }) => [revision, seq]),
        ).toEqual(changed.map(({ revision, seq }) => [revision, seq]).toSorted(([a, b], [c, d]) => a! - c! || b! - d!));
      }
    }
  });
});

it('recalls of every message what a decider that forgets nothing would know', async () => {
  await forAnyHistory(15, async ({ readModels: { timeline } }, log) => {
    for (const [conversationId, { messages }] of modelOf(log)) {
      const ids = [...messages.map(({ messageId }) => messageId), 'none'];
      const facts = await timeline.recall(conversationId, ids);
      expect(facts.map((fact) => plain(fact))).toEqual(ids.map((messageId) => plain(factsOf(messageId, messages))));
    }
  });
});

it('has the same documents whether they were made live, anew, or in one go', async () => {
  await forAnyHistory(12, async ({ supervisor, documents, search, events }) => {
    const recorded = await events.readLog(beforeLog, 10_000);
    const all = recorded.map((each): LoggedEvent => {
      const { stream, revision, position } = each;
      return { stream, revision, position, event: catalog.decode(each), actorId: 'system' };
    });
    for (const name of readModelNames) {
      const build = (): string => supervisor.status().find((status) => status.name === name)!.build!;
      const inOneGo = project(projections[name], all);
      const contents = (): Promise<ReadonlyMap<string, Document>> =>
        name === 'search'
          ? contentsAt(search, build(), inOneGo.keys())
          : contentsOf(documents, projections[name], build());
      const live = await contents();
      const before = build();
      await supervisor.rebuild(name);
      expect(build()).not.toBe(before);
      expect(await contents()).toEqual(live);
      expect(inOneGo).toEqual(live);
    }
  });
});

/** The documents at these addresses: a search store does not tell all that it has. */
const contentsAt = async (
  store: ProjectedStore,
  build: string,
  addresses: Iterable<string>,
): Promise<ReadonlyMap<string, Document>> => {
  const contents = new Map<string, Document>();
  for (const address of addresses) {
    const [collection = '', ...id] = address.split('/');
    const [document] = await store.getMany(`${build}.${collection}`, [id.join('/')]);
    if (document !== undefined) contents.set(address, document);
  }
  return contents;
};

/** In a form that can be compared, whatever order sets were filled in. */
const plain = (fact: object): unknown =>
  JSON.parse(JSON.stringify(fact), (_, value: unknown) =>
    Array.isArray(value) ? value.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)) : value,
  );
