import { v7 } from 'uuid';
import type { ProjectionsOptions } from '../projections/start.ts';
import type { Config } from './config.ts';
import type { Ports } from './ports.ts';
import { mayBeShared } from './roles.ts';

/** How this process takes part in keeping the read models up to date. */
export const projectionSettings = (
  config: Config,
  { pubSub }: Pick<Ports, 'pubSub'>,
): Pick<ProjectionsOptions, 'projects' | 'shards' | 'sharing' | 'ownSearch'> => ({
  projects: config.roles.includes('projector'),
  ownSearch: config.openSearchUrl === undefined,
  shards: config.projectionShards,
  sharing: mayBeShared(config) ? { self: v7(), pubSub } : undefined,
});
