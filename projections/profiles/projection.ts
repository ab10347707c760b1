import { compose } from '../collection.ts';
import type { Projection } from '../projection.ts';
import { users } from './users.ts';

/** Every account as others and its owner see it, until it is erased. */
export const profiles: Projection = compose({ name: 'profiles', version: 1, collections: { users } });
