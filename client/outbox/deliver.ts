import type { Message } from '../../schemas/message.ts';
import type { Answer } from '../connection/requests.ts';
import { isWorthRepeating } from '../errors.ts';
import { maxFrameBytes } from '../frames.ts';
import type { Call, Success } from '../rest.ts';
import { reacted, tombstone } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { UploadFailed, type Uploader } from '../upload.ts';
import { unreachable } from '../unreachable.ts';
import type { Entry, Operation } from './entry.ts';

export interface DeliverOptions {
  readonly request: (fields: { readonly type: string }) => Promise<Answer>;
  readonly call: (call: Call) => Promise<Success>;
  readonly store: Pick<Store, 'replied'>;
  readonly upload: Uploader | undefined;
}

type Of<Type extends Operation['type']> = Extract<Operation, { type: Type }>;

/** Room for the envelope that is put around a request. */
const envelopeBytes = 200;

const isTooLarge = (content: unknown): boolean =>
  new TextEncoder().encode(JSON.stringify(content)).length > maxFrameBytes - envelopeBytes;

const upload = async (
  { upload }: DeliverOptions,
  conversationId: string,
  operation: Of<'send'>,
  update: (operation: Operation) => Promise<void>,
): Promise<Of<'send'>> => {
  const uploaded = [...operation.uploaded];
  for (let index = uploaded.length; index < operation.files.length; index += 1) {
    if (upload === undefined) throw new UploadFailed('This client has no uploader');
    const purpose = { conversationId, messageId: operation.messageId, index };
    try {
      uploaded.push(await upload(operation.files[index], purpose));
    } catch (error) {
      if (isWorthRepeating(error)) throw error;
      throw new UploadFailed(error instanceof Error ? error.message : String(error), { cause: error });
    }
    await update({ ...operation, uploaded: [...uploaded] });
  }
  return { ...operation, uploaded };
};

/** What is sent of a message: its content, with what was uploaded for it. */
const contentOf = ({ content, uploaded }: Of<'send'>): object =>
  uploaded.length === 0 ? content : { ...content, attachments: [...(content.attachments ?? []), ...uploaded] };

/**
 * Does one entry, by socket where a frame can hold it. Resolves with the position of what has come of it, where only a
 * push will show that.
 */
export const deliver = async (
  options: DeliverOptions,
  { conversationId, operation }: Entry,
  update: (operation: Operation) => Promise<void>,
): Promise<string | undefined> => {
  const { request, call, store } = options;
  const ask = (fields: { readonly type: string }): Promise<Answer> =>
    request({ ...fields, conversationId } as { readonly type: string });
  const write = async (method: 'PUT' | 'PATCH', messageId: string, content: object): Promise<undefined> => {
    if (isTooLarge(content)) {
      const path = `/v1/conversations/${conversationId}/messages/${messageId}`;
      store.replied((await call({ method, path, body: content })).body as Message);
    } else {
      const fields = { type: method === 'PUT' ? 'send' : 'edit', messageId, ...content };
      store.replied((await ask(fields)).result as Message);
    }
  };

  switch (operation.type) {
    case 'send': {
      const ready = await upload(options, conversationId, operation, update);
      return await write('PUT', operation.messageId, contentOf(ready));
    }
    case 'edit':
      return await write('PATCH', operation.messageId, operation.content);
    default:
      return (await ask(operation)).position;
  }
};

/** The message as it is once this is done to it; undefined: gone. */
export const withOperation = (
  message: Message,
  operation: Of<'edit' | 'delete' | 'react' | 'unreact' | 'pin' | 'unpin'>,
  at: string,
): Message | undefined => {
  // Nothing but putting it away can be done to what is left of a deleted message.
  if (message.deletedAt !== null && operation.type !== 'delete') return message;
  switch (operation.type) {
    case 'edit': {
      const { text, attachments, mentions, custom } = operation.content;
      return {
        ...message,
        editedAt: at,
        ...(text !== undefined && { text }),
        ...(attachments !== undefined && { attachments: attachments ?? [] }),
        ...(mentions !== undefined && { mentions: mentions ?? [] }),
        ...(custom !== undefined && { custom }),
      };
    }
    case 'delete':
      if (operation.for === 'me') return undefined;
      return message.deletedAt === null ? tombstone(message, at) : message;
    case 'react':
    case 'unreact':
      return reacted(message, operation.emoji, true, operation.type === 'react');
    case 'pin':
    case 'unpin':
      return { ...message, pinned: operation.type === 'pin' };
    default:
      return unreachable(operation);
  }
};
