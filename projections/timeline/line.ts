import type { Visibility } from '../queries.ts';
import type { MessageDocument } from './document.ts';
import type { ShownMessages } from './shown.ts';

/** Messages in order of seq: all of a conversation, or those of one thread. */
export interface Line {
  readonly index: 'bySeq' | 'byThread';
  readonly equal: readonly string[];
}

/** Ids of those among `messages` that the user has deleted for himself. */
export type HiddenAmong = (visible: Visibility, messages: readonly MessageDocument[]) => Promise<ReadonlySet<string>>;

export interface LineReader {
  /** The first `want` visible ones with a higher seq, ascending. */
  readonly up: (line: Line, visible: Visibility, seq: number, want: number) => Promise<readonly MessageDocument[]>;
  /** The last `want` visible ones with a lower seq, descending. */
  readonly down: (line: Line, visible: Visibility, seq: number, want: number) => Promise<readonly MessageDocument[]>;
}

/** Largest read at once while hidden messages are being passed over. */
const longestChunk = 200;

/** Reads on where hidden messages have left room, until enough visible ones are found or the line ends. */
export const collectVisible = async (
  want: number,
  read: (last: MessageDocument | undefined, limit: number) => Promise<readonly MessageDocument[]>,
  isVisible: (chunk: readonly MessageDocument[]) => Promise<(message: MessageDocument) => boolean>,
): Promise<readonly MessageDocument[]> => {
  const found: MessageDocument[] = [];
  let last: MessageDocument | undefined;
  let limit = want;
  while (found.length < want) {
    const chunk = await read(last, limit);
    const visible = chunk.filter(await isVisible(chunk));
    found.push(...visible);
    if (chunk.length < limit) break;
    last = chunk.at(-1);
    // Where many were hidden, many more may be.
    const missing = want - found.length;
    limit = Math.max(missing, Math.min(longestChunk, missing + chunk.length - visible.length));
  }
  return found.slice(0, want);
};

export const createLineReader = (messages: ShownMessages, hiddenAmong: HiddenAmong): LineReader => {
  const notHidden = (visible: Visibility) => async (chunk: readonly MessageDocument[]) => {
    const hidden = await hiddenAmong(visible, chunk);
    return ({ messageId }: MessageDocument): boolean => !hidden.has(messageId);
  };
  return {
    up: ({ index, equal }, visible, seq, want) =>
      collectVisible(
        want,
        (last, limit) =>
          messages.find({
            index,
            equal,
            greaterThan: [last?.seq ?? Math.max(seq, visible.afterSeq)],
            limit,
          }),
        notHidden(visible),
      ),
    down: ({ index, equal }, visible, seq, want) =>
      collectVisible(
        want,
        (last, limit) =>
          messages.find({
            index,
            equal,
            greaterThan: [visible.afterSeq],
            lessThan: [last?.seq ?? seq],
            reverse: true,
            limit,
          }),
        notHidden(visible),
      ),
  };
};
