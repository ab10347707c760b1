import { searchQualityContract } from '../../contract/search-quality.contract.ts';
import { describeWith } from '../../servers/suite.ts';
import { freshStore } from './opened.ts';

describeWith(['opensearch'], 'Everything that is to be found in OpenSearch', ({ opensearch }) => {
  searchQualityContract('OpenSearch', () => freshStore(opensearch.url));
});
