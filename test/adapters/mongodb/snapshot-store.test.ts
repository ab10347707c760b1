import { MongoSnapshotStore } from '../../../adapters/mongodb/snapshot-store.ts';
import { snapshotStoreContract } from '../../contract/snapshot-store.contract.ts';
import { describeWith } from '../../servers/suite.ts';
import { onNewDatabases } from './opened.ts';

describeWith(['mongodb'], 'snapshot store on MongoDB', ({ mongodb }) => {
  snapshotStoreContract(
    'MongoDB',
    onNewDatabases(mongodb, (connection) => new MongoSnapshotStore(connection)),
  );
});
