import type { UserId } from '../ids.ts';

type Command<Type extends string> = { readonly type: Type; readonly data: { readonly other: UserId } };

/** The actor is one of the two, `other` the other one. */
export type ContactCommand =
  /** Requests; accepts when the other one has requested before. */
  Command<'PutContact'> | Command<'RemoveContact'> | Command<'BlockUser'> | Command<'UnblockUser'>;
