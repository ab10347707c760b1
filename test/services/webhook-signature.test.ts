import { expect, test } from 'vitest';
import { makeWebhookSecret, shownSecret, signatureHeaders } from '../../services/webhook-signature.ts';

test('signs as the example of Standard Webhooks does', () => {
  const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', seconds: 1_614_265_330, body: '{"test": 2432232314}' };
  expect(signatureHeaders(signed, ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('signs once by each secret', () => {
  const secrets = [makeWebhookSecret(), makeWebhookSecret()];
  const signed = { id: 'msg_1', seconds: 1, body: '{}' };
  const both = signatureHeaders(signed, secrets)['webhook-signature'].split(' ');
  expect(both).toEqual(secrets.map((secret) => signatureHeaders(signed, [secret])['webhook-signature']));
  expect(shownSecret(secrets[0]!)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});
