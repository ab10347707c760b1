/** The files of the embedded profile, below the data folder. */
export const dataFiles = {
  events: 'events.db',
  documents: 'read-models.db',
  search: 'search.db',
  snapshots: 'snapshots.db',
  credentials: 'secrets.db',
  jobs: 'jobs.db',
} as const;
