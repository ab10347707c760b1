import { endOf } from '../../domain/conversation/expiry.ts';
import type { Settings } from '../../domain/conversation/values.ts';
import type { MessageDocument } from '../timeline/document.ts';
import type { Preview } from './documents.ts';

const previewCharacters = 200;

interface Previewed extends Pick<
  MessageDocument,
  'messageId' | 'seq' | 'senderId' | 'sentAt' | 'deletedAt' | 'expiresAt' | 'text' | 'forwardedFrom'
> {}

/** What a feed shows of a message. Of a deleted one neither text nor kind is told. */
export const previewOf = (message: Previewed): Preview => ({
  messageId: message.messageId,
  seq: message.seq,
  senderId: message.senderId,
  text: previewText(message.text),
  kind: message.forwardedFrom !== null ? 'forwarded' : kindOf(message),
  sentAt: message.sentAt,
  deletedAt: message.deletedAt,
  expiresAt: message.expiresAt,
});

/** The preview once the text was changed; the kind of a forwarded message stays. */
export const previewWithText = (preview: Preview, text: string | null): Preview => ({
  ...preview,
  text: previewText(text),
  kind: preview.kind === 'forwarded' ? 'forwarded' : kindOf({ text, deletedAt: null }),
});

export const previewDeleted = (preview: Preview, deletedAt: string): Preview => ({
  ...preview,
  text: null,
  kind: 'text',
  deletedAt,
});

/** The preview as it may be shown: from the message's last moment on as that of a deleted one. */
export const shownPreview = (preview: Preview, settings: Pick<Settings, 'retentionSeconds'>, now: string): Preview => {
  const end = preview.deletedAt === null ? endOf(preview, settings) : null;
  return end === null || end > now ? preview : previewDeleted(preview, end);
};

const kindOf = ({ text, deletedAt }: Pick<Previewed, 'text' | 'deletedAt'>): Preview['kind'] =>
  deletedAt !== null || previewText(text) !== null ? 'text' : 'attachment';

const previewText = (text: string | null): string | null => {
  if (text === null || text === '') return null;
  let first = '';
  let count = 0;
  for (const character of text) {
    if (count === previewCharacters) break;
    first += character;
    count += 1;
  }
  return first;
};
