import { z } from 'zod';
import { Problem, Uuid } from './common.ts';
import { Message, SendBody } from './message.ts';

export const Destination = z.union([z.strictObject({ conversationId: Uuid }), z.strictObject({ userId: Uuid })]);
export type Destination = Readonly<z.infer<typeof Destination>>;

export const MultiSendBody = z.strictObject({
  messageId: Uuid,
  destinations: z.array(Destination).min(1).max(100),
  ...SendBody.shape,
});
export type MultiSendBody = z.infer<typeof MultiSendBody>;

/** For each destination, in the order given, the message as it is there, or why there is none. */
export const MultiSendResult = z
  .strictObject({
    results: z.array(
      z.union([
        z.strictObject({ destination: Destination, message: Message }),
        z.strictObject({ destination: Destination, error: Problem }),
      ]),
    ),
  })
  .meta({ id: 'MultiSendResult' });
export type MultiSendResult = z.infer<typeof MultiSendResult>;
