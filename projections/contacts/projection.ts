import { compose } from '../collection.ts';
import type { Projection } from '../projection.ts';
import { blocks, contacts } from './contacts.ts';

/** Contacts, open requests and blocks, each from the side of its owner. */
export const contactBook: Projection = compose({ name: 'contacts', version: 1, collections: { contacts, blocks } });
