import { MongoDocumentStore } from '../../../adapters/mongodb/document-store.ts';
import { documentStoreContract } from '../../contract/document-store.contract.ts';
import { describeWith } from '../../servers/suite.ts';
import { onNewDatabases } from './opened.ts';

describeWith(['mongodb'], 'document store on MongoDB', ({ mongodb }) => {
  documentStoreContract(
    'MongoDB',
    onNewDatabases(mongodb, (connection) => new MongoDocumentStore(connection)),
  );
});
