import { z } from 'zod';
import { Timestamp, Uuid } from '../ids.ts';

/** The facts between two users. `by` is always one of the two, `other` the other one. */
const between = { by: Uuid, other: Uuid, at: Timestamp };

export const contactEvents = {
  ContactRequested: z.object(between),
  ContactAccepted: z.object(between),
  /** A contact ended, or a request was withdrawn or declined. */
  ContactRemoved: z.object(between),
  UserBlocked: z.object(between),
  UserUnblocked: z.object(between),
} as const;

type Schemas = typeof contactEvents;
export type ContactEvent = {
  [Type in keyof Schemas]: { readonly type: Type; readonly data: Readonly<z.infer<Schemas[Type]>> };
}[keyof Schemas];
