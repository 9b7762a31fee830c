import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../../app/errors.ts';
import { accountOfChannel, pjsipConf } from '../../app/phone/accounts.ts';

const server = { host: '127.0.0.1', port: 5060 };
const usage = (error: unknown): boolean => hasCode(error, 'phone-usage');

test('an account with a password logs in, one without does not', () => {
  assert.match(pjsipConf([{ user: '6001', password: 'secret', server }]), /^outbound_auth = line-6001$/m);
  assert.doesNotMatch(pjsipConf([{ user: '6001', server }]), /auth/);
});

test('an account registers only when it is asked to', () => {
  assert.doesNotMatch(pjsipConf([{ user: '6001', server }]), /type = registration/);
  const conf = pjsipConf([{ user: '6001', server, register: true, transport: 'tcp' }]);
  assert.match(conf, /^client_uri = sip:6001@127\.0\.0\.1:5060\\;transport=tcp$/m);
});

test('a password with a semicolon or a backslash stays whole in Asterisk’s file', () => {
  const conf = pjsipConf([{ user: '6001', password: 'a;b\\c', server }]);
  assert.match(conf, /^password = a\\;b\\\\c$/m);
});

test('what would break out of its line in Asterisk’s file is refused, without repeating it', () => {
  const password = 'secret\n[global]';
  assert.throws(
    () => pjsipConf([{ user: '6001', password, server }]),
    (error) => usage(error) && !String(error).includes('secret'),
  );
  assert.throws(() => pjsipConf([{ user: '6001;x', server }]), usage);
  assert.throws(() => pjsipConf([{ user: '6001', server: { host: 'a b', port: 1 } }]), usage);
});

test('two accounts of the same user need names of their own', () => {
  const one = { user: '6001', server };
  assert.throws(() => pjsipConf([one, one]), usage);
  assert.match(pjsipConf([one, { ...one, name: 'other' }]), /^\[line-other\]$/m);
});

test('a literal IPv6 address stands in brackets', () => {
  assert.match(pjsipConf([{ user: '6001', server: { host: '::1', port: 5062 } }]), /sip:\[::1\]:5062/);
});

test('the account of a call is read from the name of its channel', () => {
  assert.equal(accountOfChannel('PJSIP/line-6001-0000002a'), '6001');
  assert.equal(accountOfChannel('PJSIP/line-my-phone-0000002a'), 'my-phone');
  assert.equal(accountOfChannel('WebSocket/x/0x1'), '');
});
