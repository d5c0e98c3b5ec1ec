import test from 'node:test';
import assert from 'node:assert';
import { ago } from './index.js';

const now = new Date('2026-06-15T12:00:00Z');
test('takes the largest unit that fits', () => {
  assert.strictEqual(ago('2026-06-15T11:57:00Z', { now }), '3 minutes ago');
  assert.strictEqual(ago('2026-06-14T11:00:00Z', { now }), 'yesterday');
  assert.strictEqual(ago('2025-06-01T00:00:00Z', { now }), 'last year');
});
test('knows the future and other languages', () => assert.strictEqual(ago('2026-06-16T12:00:00Z', { now, locale: 'de' }), 'morgen'));
test('now is now', () => assert.strictEqual(ago(now, { now }), 'now'));
test('what is no time is refused', () => assert.throws(() => ago('soon'), TypeError));
