import type { SendContent } from '../../../domain/conversation/commands.ts';
import { limits } from '../../../domain/limits.ts';
import { mapText, splitText, type Names } from './mrkdwn.ts';
import type { SlackRecord } from './records.ts';

export const isFilled = (text: string | null | undefined): text is string => typeof text === 'string' && text !== '';

type FileNote = { readonly name: string | null; readonly mimetype: string | null; readonly size: number | null };

const filesOf = ({ file, files }: SlackRecord): FileNote[] =>
  [...(file === null || file === undefined ? [] : [file]), ...(files ?? [])]
    .slice(0, 10)
    .map(({ name, mimetype, size }) => ({ name: name ?? null, mimetype: mimetype ?? null, size: size ?? null }));

const rawText = ({ subtype, text, attachments, topic }: SlackRecord): string => {
  if (isFilled(text)) return subtype === 'me_message' ? `_${text}_` : text;
  if (isFilled(topic)) return topic;
  const parts = (attachments ?? []).map((attachment) => attachment.text ?? attachment.title ?? attachment.fallback);
  return parts.filter((part) => isFilled(part)).join('\n');
};

/** What is sent for one record: more than one message when the text is longer than a message may be; none when empty. */
export const messageContents = (record: SlackRecord, names: Names): readonly SendContent[] => {
  const { text, mentions } = mapText(rawText(record), names);
  const files = filesOf(record);
  const named = files.map((file) => file.name ?? 'a file').join(', ');
  const shown = text === '' && files.length > 0 ? `[${named}]` : text;
  if (shown === '') return [];
  const [first = '', ...others] = splitText(shown, limits.textBytes);
  const content: SendContent = {
    text: first,
    ...(mentions.length > 0 && { mentions: mentions.slice(0, limits.mentions) }),
    ...(files.length > 0 && { custom: { slack: { files } } }),
  };
  return [content, ...others.map((text) => ({ text }))];
};
