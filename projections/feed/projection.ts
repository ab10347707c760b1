import { compose } from '../collection.ts';
import type { Projection } from '../projection.ts';
import { gaps, hidden } from './absences.ts';
import { conversations } from './conversations.ts';
import { invites } from './invites.ts';
import { members } from './members.ts';
import { mentions } from './mentions.ts';
import { devicePointers, receiptSteps } from './receipts.ts';

/** Conversations, who is in them, and what each of their members has read. A message changes one head, however large the group. */
export const feed: Projection = compose({
  name: 'feed',
  version: 3,
  collections: { conversations, members, gaps, hidden, mentions, devicePointers, receiptSteps, invites },
});
