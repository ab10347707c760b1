import { DomainError } from '../errors.ts';
import { limits, utf8Bytes } from '../limits.ts';
import { invalid } from './access.ts';
import type { MessageContent } from './commands.ts';
import { contentDigests } from './digest.ts';
import type { ContentDigests } from './state.ts';
import type { Mention } from './values.ts';

/** Refuses what no message may be, whatever the conversation. */
export const mustFit = ({ text, custom, attachments, mentions }: MessageContent): void => {
  if (text && utf8Bytes(text) > limits.textBytes) {
    throw new DomainError('message/too-long', { field: 'text', maxBytes: limits.textBytes });
  }
  if (custom && utf8Bytes(JSON.stringify(custom)) > limits.customBytes) {
    throw new DomainError('message/too-long', { field: 'custom', maxBytes: limits.customBytes });
  }
  if ((attachments?.length ?? 0) > limits.attachments) {
    throw invalid('attachments', `must have at most ${limits.attachments} items`);
  }
  if ((mentions?.length ?? 0) > limits.mentions)
    throw invalid('mentions', `must have at most ${limits.mentions} items`);
};

export const isEmpty = ({ text, attachments, custom }: ContentDigests): boolean =>
  text === null && attachments === null && custom === null;

export const hasContent = (content: MessageContent): boolean => !isEmpty(contentDigests(content));

/** Each once, in the order in which they were first named. */
export const distinct = (mentions: readonly Mention[] | null | undefined): Mention[] => [...new Set(mentions)];
