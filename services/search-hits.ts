import type { UserId } from '../domain/ids.ts';
import type { Clause, SearchHit, VisibleGroup } from '../ports/search-store.ts';
import type { ReadModels, Visibility } from '../projections/queries.ts';
import type { ConversationDocument } from '../projections/feed/documents.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import type { Message } from '../schemas/message.ts';
import type { MessageHit } from '../schemas/search.ts';
import { highlightsIn } from '../search/highlights.ts';
import { messageViews } from './message-state.ts';

type Reads = Pick<ReadModels, 'feed' | 'timeline' | 'profiles'>;

interface Placed {
  readonly hit: MessageDocument;
  readonly before: MessageDocument | undefined;
  readonly after: MessageDocument | undefined;
}

const withContext = async ({ timeline }: Reads, visible: Visibility, hit: MessageDocument): Promise<Placed> => {
  const [before, after] = await Promise.all([
    timeline.history(visible, { kind: 'before', seq: hit.seq }, 1),
    timeline.history(visible, { kind: 'after', seq: hit.seq }, 1),
  ]);
  return { hit, before: before.items[0], after: after.items[0] };
};

/** What was found, as it is now and the caller sees it; what has been deleted meanwhile is left out. */
export const messageHits = async (
  reads: Reads,
  userId: UserId,
  found: readonly SearchHit[],
  visible: readonly VisibleGroup[],
  clauses: readonly Clause[],
): Promise<MessageHit[]> => {
  const floors = new Map(visible.map(({ group, afterSeq }) => [group, afterSeq]));
  const hits = new Map<string, MessageHit>();
  const groups = Map.groupBy(found, (hit) => hit.group);
  const conversations = await reads.feed.conversations([...groups.keys()]);
  const addHits = async (conversation: ConversationDocument): Promise<void> => {
    const { conversationId } = conversation;
    const group = groups.get(conversationId)!;
    const ids = group.map(({ id }) => id.slice(conversationId.length + 1));
    const documents = await reads.timeline.messages(conversationId, ids);
    const scope: Visibility = { conversationId, userId, afterSeq: floors.get(conversationId) ?? Infinity };
    const present = documents.filter(({ deletedAt, seq }) => deletedAt === null && seq > scope.afterSeq);
    const placed = await Promise.all(present.map((hit) => withContext(reads, scope, hit)));
    const all = placed.flatMap(({ hit, before, after }) => [hit, before, after]).filter((each) => each !== undefined);
    const views = await messageViews(reads, conversation, userId, all);
    const viewOf = new Map(views.map((view): [string, Message] => [view.messageId, view]));
    for (const { hit, before, after } of placed) {
      hits.set(`${conversationId}/${hit.messageId}`, {
        message: viewOf.get(hit.messageId)!,
        highlights: [...highlightsIn(hit.text ?? '', clauses)],
        context: {
          before: (before && viewOf.get(before.messageId)) ?? null,
          after: (after && viewOf.get(after.messageId)) ?? null,
        },
      });
    }
  };
  await Promise.all(conversations.map(addHits));
  return found.map(({ id }) => hits.get(id)).filter((hit) => hit !== undefined);
};
