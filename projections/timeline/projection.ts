import { compose } from '../collection.ts';
import type { Projection } from '../projection.ts';
import { messages } from './messages.ts';

/** Every message as it is now, whoever looks. */
export const timeline: Projection = compose({ name: 'timeline', version: 2, collections: { messages } });
