import { compose } from '../collection.ts';
import type { Projection } from '../projection.ts';
import { devices } from './devices.ts';

/** The devices of every user that are signed in. */
export const deviceList: Projection = compose({ name: 'devices', version: 1, collections: { devices } });
