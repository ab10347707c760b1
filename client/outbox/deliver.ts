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
  readonly store: Pick<Store, 'sent' | 'confirmed' | 'read'>;
  readonly upload: Uploader | undefined;
  readonly now: () => number;
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

/** Does one entry, by socket where a frame can hold it, and tells the store what has become of it. */
export const deliver = async (
  options: DeliverOptions,
  { conversationId, operation }: Entry,
  update: (operation: Operation) => Promise<void>,
): Promise<void> => {
  const { request, call, store, now } = options;
  const ask = async (fields: { readonly type: string }): Promise<unknown> =>
    (await request({ ...fields, conversationId } as { readonly type: string })).result;
  const write = async (method: 'PUT' | 'PATCH', messageId: string, content: object): Promise<Message> => {
    if (!isTooLarge(content)) {
      const fields = { type: method === 'PUT' ? 'send' : 'edit', messageId, ...content };
      return (await ask(fields)) as Message;
    }
    const path = `/v1/conversations/${conversationId}/messages/${messageId}`;
    return (await call({ method, path, body: content })).body as Message;
  };

  switch (operation.type) {
    case 'send': {
      const ready = await upload(options, conversationId, operation, update);
      return store.sent(await write('PUT', operation.messageId, contentOf(ready)));
    }
    case 'edit': {
      const message = await write('PATCH', operation.messageId, operation.content);
      return store.confirmed(conversationId, message.messageId, (present) =>
        present.revision > message.revision ? present : message,
      );
    }
    case 'receipt':
      await ask(operation);
      return operation.read === undefined ? undefined : store.read(conversationId, operation.read);
    case 'delete':
    case 'react':
    case 'unreact':
    case 'pin':
    case 'unpin':
      await ask(operation);
      return store.confirmed(conversationId, operation.messageId, (message) =>
        withOperation(message, operation, new Date(now()).toISOString()),
      );
    default:
      return unreachable(operation);
  }
};

/** The message as it is once this is done to it; undefined: gone. */
export const withOperation = (
  message: Message,
  operation: Of<'edit' | 'delete' | 'react' | 'unreact' | 'pin' | 'unpin'>,
  at: string,
): Message | undefined => {
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
