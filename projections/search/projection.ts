import { compose } from '../collection.ts';
import type { Projection } from '../projection.ts';
import { messages } from './messages.ts';
import { names } from './names.ts';

/** What can be searched for. It is built in a search store, not among the documents. */
export const search: Projection = compose({ name: 'search', version: 1, collections: { messages, names } });
