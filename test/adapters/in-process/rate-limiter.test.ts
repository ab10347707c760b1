import { InProcessRateLimiter } from '../../../adapters/in-process/rate-limiter.ts';
import { rateLimiterContract } from '../../contract/rate-limiter.contract.ts';

rateLimiterContract('in process', async () => ({ store: new InProcessRateLimiter() }));
