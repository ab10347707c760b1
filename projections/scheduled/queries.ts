import type { ModelReader } from '../model-reader.ts';
import type { ScheduledQueries } from '../queries.ts';

export const createScheduledQueries = (scheduled: ModelReader): ScheduledQueries => ({
  sends: (userId, conversationId, after, limit) =>
    scheduled.find('sends', {
      index: 'byUser',
      equal: [userId, conversationId],
      ...(after !== undefined && { greaterThan: after }),
      limit,
    }),
  due: (until, limit) => scheduled.find('sends', { index: 'byDue', equal: [], atMost: [until], limit }),
});
