import { v7 } from 'uuid';
import type { ProjectionsOptions } from '../projections/start.ts';
import type { Config } from './config.ts';
import type { Ports } from './ports.ts';
import { mayBeShared } from './roles.ts';

/** Only the API searches: where each process has an index for itself, the others have none. */
const searchIndexOf = ({ openSearchUrl, roles }: Config): ProjectionsOptions['searchIndex'] => {
  if (openSearchUrl !== undefined) return 'shared';
  return roles.includes('api') ? 'own' : 'none';
};

/** How this process takes part in keeping the read models up to date. */
export const projectionSettings = (
  config: Config,
  { pubSub }: Pick<Ports, 'pubSub'>,
): Pick<ProjectionsOptions, 'projects' | 'shards' | 'sharing' | 'searchIndex'> => ({
  projects: config.roles.includes('projector'),
  searchIndex: searchIndexOf(config),
  shards: config.projectionShards,
  sharing: mayBeShared(config) ? { self: v7(), pubSub } : undefined,
});
