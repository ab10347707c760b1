import { recalledMessage } from '../../domain/conversation/recalled.ts';
import type { HiddenDocument } from '../feed/documents.ts';
import { hiddenKey } from '../feed/absences.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ModelReader } from '../model-reader.ts';
import type { HistoryAnchor, MessagePage, TimelineQueries, Visibility } from '../queries.ts';
import type { MessageDocument } from './document.ts';
import { collectVisible, createLineReader, type HiddenAmong, type Line } from './line.ts';
import { messageKey } from './messages.ts';
import { readPage } from './page.ts';
import { shownBy } from './shown.ts';

export interface TimelineSources {
  readonly timeline: ModelReader;
  /** Knows what each user has hidden, and how long each conversation keeps its messages. */
  readonly feed: ModelReader;
  readonly clock: Clock;
}

export const createTimelineQueries = ({ timeline, feed, clock }: TimelineSources): TimelineQueries => {
  const shown = shownBy(timeline, feed, clock);
  const hiddenAmong = hiddenIn(feed);
  const lines = createLineReader(shown, hiddenAmong);
  const notHidden = (visible: Visibility) => async (chunk: readonly MessageDocument[]) => {
    const hidden = await hiddenAmong(visible, chunk);
    return ({ messageId, seq }: MessageDocument): boolean => seq > visible.afterSeq && !hidden.has(messageId);
  };

  /** Seq of the first message of the conversation that was sent then or later. */
  const seqAt = async (conversationId: string, time: string): Promise<number | undefined> => {
    const query = { index: 'byTime', equal: [conversationId], atLeast: [time], limit: 1 };
    return (await timeline.find<MessageDocument>('messages', query))[0]?.seq;
  };
  const page = async (line: Line, visible: Visibility, anchor: HistoryAnchor, limit: number): Promise<MessagePage> => {
    if (anchor.kind !== 'at') return await readPage(lines, line, visible, anchor, limit);
    const seq = await seqAt(visible.conversationId, anchor.time);
    return await readPage(
      lines,
      line,
      visible,
      seq === undefined ? { kind: 'newest' } : { kind: 'around', seq },
      limit,
    );
  };

  return {
    message: (conversationId, messageId) => shown.get(messageKey(conversationId, messageId)),
    messages: (conversationId, messageIds) =>
      shown.getMany(messageIds.map((messageId) => messageKey(conversationId, messageId))),
    history: (visible, anchor, limit) =>
      page({ index: 'bySeq', equal: [visible.conversationId] }, visible, anchor, limit),
    thread: (visible, rootId, anchor, limit) =>
      page({ index: 'byThread', equal: [visible.conversationId, rootId] }, visible, anchor, limit),

    pins: (visible, before, limit) =>
      collectVisible(
        limit,
        (last, chunk) => {
          const lessThan = last === undefined ? before : ([last.pinnedAt, last.messageId] as const);
          return shown.find({
            index: 'byPin',
            equal: [visible.conversationId],
            ...(lessThan !== undefined && { lessThan }),
            reverse: true,
            limit: chunk,
          });
        },
        async (chunk) => {
          const isVisible = await notHidden(visible)(chunk);
          return (message) => message.deletedAt === null && isVisible(message);
        },
      ),

    async changedSince(visible, since, limit) {
      const from = await laterRevision(timeline, visible, since);
      return await collectVisible(
        limit,
        (last, chunk) =>
          shown.find({
            index: 'byRevision',
            equal: [visible.conversationId],
            greaterThan: last === undefined ? [from] : [last.revision, last.seq],
            limit: chunk,
          }),
        notHidden(visible),
      );
    },

    due: (until, limit) => timeline.find('messages', { index: 'byDue', equal: [], atMost: [until], limit }),
    oldestKept: (conversationId, limit) =>
      timeline.find('messages', { index: 'byAge', equal: [conversationId], limit }),

    async recall(conversationId, messageIds) {
      const ids = messageIds.map((messageId) => messageKey(conversationId, messageId));
      const found = await timeline.getMany<MessageDocument>('messages', ids);
      return await Promise.all(
        messageIds.map(async (messageId) => {
          const message = found.get(messageKey(conversationId, messageId));
          if (message === undefined) return { status: 'absent', messageId } as const;
          const hiding = await feed.all<HiddenDocument>(
            'hidden',
            { index: 'byMessage', equal: [conversationId, messageId] },
            ({ userId }) => [userId],
          );
          return recalledMessage(
            message,
            hiding.map(({ userId }) => userId),
          );
        }),
      );
    },
  };
};

/**
 * Messages up to `afterSeq` are not visible, and every later one was sent after them: so what changed before the
 * message at `afterSeq` was sent need not be read.
 */
const laterRevision = async (timeline: ModelReader, visible: Visibility, since: number): Promise<number> => {
  if (visible.afterSeq === 0) return since;
  const query = { index: 'bySeq', equal: [visible.conversationId, visible.afterSeq], limit: 1 };
  const [last] = await timeline.find<MessageDocument>('messages', query);
  return Math.max(since, last?.sentRevision ?? since);
};

/** One look-up of the range where the messages stand close together, else one of their ids. */
const hiddenIn =
  (feed: ModelReader): HiddenAmong =>
  async ({ conversationId, userId }, messages) => {
    const seqs = messages.map(({ seq }) => seq);
    const [lowest, highest] = [Math.min(...seqs), Math.max(...seqs)];
    if (messages.length === 0) return new Set();
    if (highest - lowest < 2 * messages.length) {
      const range = { index: 'bySeq', equal: [conversationId, userId], atLeast: [lowest], atMost: [highest] };
      const found = await feed.find<HiddenDocument>('hidden', { ...range, limit: highest - lowest + 1 });
      return new Set(found.map(({ messageId }) => messageId));
    }
    const ids = messages.map(({ messageId }) => hiddenKey(conversationId, userId, messageId));
    const found = await feed.getMany<HiddenDocument>('hidden', ids);
    return new Set([...found.values()].map(({ messageId }) => messageId));
  };
