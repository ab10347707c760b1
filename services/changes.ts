import type { ConversationId } from '../domain/ids.ts';
import { conversationStream } from '../domain/ids.ts';
import { DomainError } from '../domain/errors.ts';
import { beforeLog, type EventStore, type Position, type Revision } from '../ports/event-store.ts';
import { fromPositionKey } from '../projections/projection.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Changes } from '../schemas/sync.ts';
import type { Caller } from './caller.ts';
import { pageOfChanges, type Thing } from './changes-page.ts';
import { messageViews, readingShownTo } from './message-state.ts';
import { invalid } from './problems.ts';
import { conversationView, memberView } from './views.ts';
import { readAccess, type ReadAccess } from './visibility.ts';

/** Keeps a client's copy of one conversation up to date. */
export interface ChangesService {
  /**
   * The present state of everything that changed after `since` (all, without it), each thing once. Applied to a copy
   * at `since` it gives the copy at the answer's `revision`; a page never ends inside a revision.
   * What `history: "all"` opens to those who joined before it changes for them at that revision; of more than
   * `openedMost` messages the newest do, and history has the rest.
   */
  changes(caller: Caller, conversationId: ConversationId, since: number | undefined, limit: number): Promise<Changes>;
}

const everything: Revision = -1;
/** They are all of one revision, and so of one page. */
const openedMost = 1_000;

interface Span {
  readonly since: Revision;
  /** Position of the event at `since`. */
  readonly sincePosition: Position;
  /** The newest event of the conversation. */
  readonly head: Revision;
}

export const createChangesService = ({
  reads,
  events,
}: {
  readonly reads: ReadModels;
  readonly events: EventStore;
}): ChangesService => {
  const { feed, timeline, profiles } = reads;

  /** Where the conversation stands in truth; the read models have passed it once this resolves. */
  const spanOf = async (conversationId: ConversationId, since: Revision): Promise<Span> => {
    const stream = conversationStream(conversationId);
    const [newest] = await first(events.readStreamBackwards(stream));
    if (newest === undefined) throw new DomainError('conversation/not-found');
    if (since > newest.revision) throw invalid('query.since', 'lies beyond the conversation');
    const [known] = since === everything ? [] : await first(events.readStream(stream, { after: since - 1 }));
    await reads.waitFor(['feed', 'timeline'], newest.position);
    return { since, sincePosition: known?.position ?? beforeLog, head: newest.revision };
  };

  /** The parts of a conversation that are few: itself, and what its reader alone has changed. */
  const fewThings = async (
    { conversation, member, visible }: ReadAccess,
    { since, sincePosition, head }: Span,
  ): Promise<readonly Thing[]> => {
    const isHeadChanged = conversation.revision > since;
    const isOwnViewChanged = fromPositionKey(member.changedPosition) > sincePosition;
    const things: Thing[] = [];
    if (isHeadChanged) things.push({ kind: 'conversation', revision: conversation.revision });
    // An own view carries no revision: it is told last, when nothing older is left to tell.
    else if (isOwnViewChanged) things.push({ kind: 'conversation', revision: head });
    if (since === everything) return things;
    const { clearedRevision } = member;
    if (clearedRevision > since) things.push({ kind: 'cleared', revision: clearedRevision });
    // Who came back, or whose conversation began to keep its past from newcomers, has lost what is older as well.
    else if (isHeadChanged && conversation.settings.history === 'since-joining' && visible.afterSeq > 0) {
      things.push({ kind: 'cleared', revision: conversation.revision });
    }
    const hidden = await feed.hiddenSince(visible.conversationId, visible.userId, since);
    return [...things, ...hidden.map(({ messageId, revision }) => ({ kind: 'hidden' as const, messageId, revision }))];
  };

  /** What the reader sees only since the conversation showed its past to those who joined later, as it did not at `since`. */
  const openedThings = async (
    { conversation: { settings, openedRevision }, member: { joinedSeq }, visible }: ReadAccess,
    since: Revision,
  ): Promise<readonly Thing[]> => {
    if (since === everything || openedRevision <= since || settings.history !== 'all' || joinedSeq === 0) return [];
    const before = { kind: 'before', seq: joinedSeq + 1 } as const;
    const { items } = await timeline.history(visible, before, openedMost);
    return items
      .filter(({ revision }) => revision <= since)
      .map((message) => ({ kind: 'message', revision: openedRevision, message }));
  };

  return {
    async changes({ userId }, conversationId, asked, limit) {
      await readAccess(feed, userId, conversationId);
      const span = await spanOf(conversationId, asked ?? everything);
      const access = await readAccess(feed, userId, conversationId);
      const { conversation, member, visible } = access;
      const few = [...(await fewThings(access, span)), ...(await openedThings(access, span.since))];
      const { things, complete } = await pageOfChanges(limit, few, {
        messages: (count) => timeline.changedSince(visible, span.since, count),
        members: (count) => feed.membersChangedSince(conversationId, span.since, count),
      });

      const messages = things.flatMap((thing) => (thing.kind === 'message' ? [thing.message] : []));
      const members = things.flatMap((thing) => (thing.kind === 'member' ? [thing.member] : []));
      const hidden = things.flatMap((thing) => (thing.kind === 'hidden' ? [thing.messageId] : []));
      const present = members.filter(({ leftAt }) => leftAt === null);
      const removed = asked === undefined ? [] : members.filter(({ leftAt }) => leftAt !== null);
      const isReadingShown = await readingShownTo(
        profiles,
        userId,
        present.map((one) => one.userId),
      );
      const last = things.at(-1)?.revision ?? span.head;
      return {
        ...(things.some(({ kind }) => kind === 'conversation') && {
          conversation: conversationView(conversation, member),
        }),
        messages: await messageViews(reads, conversation, userId, messages),
        ...(present.length > 0 && { members: present.map((one) => memberView(one, isReadingShown(one.userId))) }),
        ...(removed.length > 0 && { removedMembers: removed.map((one) => one.userId) }),
        ...(hidden.length > 0 && { hidden }),
        ...(things.some(({ kind }) => kind === 'cleared') && { clearedSeq: visible.afterSeq }),
        // What is newer than the head that was read may be told already, but is not all there is up to its revision.
        revision: complete ? span.head : Math.min(last, span.head),
        more: !complete,
      };
    },
  };
};

const first = async <Item>(items: AsyncIterable<Item>): Promise<readonly [] | readonly [Item]> => {
  for await (const item of items) return [item];
  return [];
};
