import type { HistoryAnchor, MessagePage, Visibility } from '../queries.ts';
import type { Line, LineReader } from './line.ts';

/** Beyond the seq of any message. */
const pastNewest = Number.MAX_SAFE_INTEGER;

type SeqAnchor = Exclude<HistoryAnchor, { readonly kind: 'at' }>;

/** One page of a line, and whether the reader sees more of it on either side. */
export const readPage = async (
  { up, down }: LineReader,
  line: Line,
  visible: Visibility,
  anchor: SeqAnchor,
  limit: number,
): Promise<MessagePage> => {
  if (anchor.kind === 'newest') {
    const older = await down(line, visible, pastNewest, limit + 1);
    return { items: older.slice(0, limit).toReversed(), hasBefore: older.length > limit, hasAfter: false };
  }
  if (anchor.kind === 'before') {
    const older = await down(line, visible, anchor.seq, limit + 1);
    const newer = await up(line, visible, anchor.seq - 1, 1);
    return { items: older.slice(0, limit).toReversed(), hasBefore: older.length > limit, hasAfter: newer.length > 0 };
  }
  if (anchor.kind === 'after') {
    const newer = await up(line, visible, anchor.seq, limit + 1);
    const older = await down(line, visible, anchor.seq + 1, 1);
    return { items: newer.slice(0, limit), hasBefore: older.length > 0, hasAfter: newer.length > limit };
  }
  const older = await down(line, visible, anchor.seq, limit + 1);
  const newer = await up(line, visible, anchor.seq - 1, limit + 1);
  // Where one side is short, the other one fills the page.
  const before = Math.min(older.length, Math.max(Math.floor(limit / 2), limit - newer.length));
  const after = Math.min(newer.length, limit - before);
  return {
    items: [...older.slice(0, before).toReversed(), ...newer.slice(0, after)],
    hasBefore: older.length > before,
    hasAfter: newer.length > after,
  };
};
