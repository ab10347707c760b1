import type { DomainEvent } from '../../domain/catalog.ts';
import { userOf, type Collection } from '../collection.ts';
import type { Place } from '../projection.ts';
import type { ScheduledDocument } from './document.ts';

const keyOf = (event: DomainEvent, place: Place): string | undefined => {
  switch (event.type) {
    case 'SendScheduled':
    case 'ScheduledSendCancelled':
    case 'ScheduledSendSettled':
      return `${userOf(place)}/${event.data.conversationId}/${event.data.messageId}`;
    default:
      return undefined;
  }
};

export const sends: Collection<ScheduledDocument> = {
  shape: {
    fields: [
      'userId',
      'conversationId',
      'messageId',
      'sendAt',
      'text',
      'custom',
      'attachments',
      'mentions',
      'replyTo',
      'threadRootId',
      'forwardedFrom',
      'expiresInSeconds',
      'digest',
      'scheduledAt',
      'failure',
      'dueAt',
    ],
    indexes: [
      { name: 'byUser', fields: ['userId', 'conversationId', 'sendAt', 'messageId'] },
      { name: 'byDue', fields: ['dueAt', 'userId', 'conversationId', 'messageId'], sparse: true },
    ],
  },
  touches(event, place) {
    const key = keyOf(event, place);
    return key === undefined ? [] : [key];
  },
  evolve(send, event) {
    switch (event.type) {
      case 'SendScheduled': {
        const { content, at, ...data } = event.data;
        return { ...data, ...content, scheduledAt: at, failure: null, dueAt: data.sendAt };
      }
      case 'ScheduledSendCancelled':
        return undefined;
      case 'ScheduledSendSettled':
        return event.data.failure === null || send === undefined
          ? undefined
          : { ...send, failure: event.data.failure, dueAt: null };
      default:
        return send;
    }
  },
};
