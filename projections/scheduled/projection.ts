import { compose } from '../collection.ts';
import type { Projection } from '../projection.ts';
import { sends } from './sends.ts';

/** What is to be sent later. */
export const scheduledSends: Projection = compose({ name: 'scheduled', version: 1, collections: { sends } });
