'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { parse, contrast, readableOn } = require('.');

test('short and long forms are the same colour', () => assert.deepStrictEqual(parse('#f80'), parse('#FF8800')));
test('black on white has the greatest contrast', () => assert.strictEqual(contrast('#000', '#fff'), 21));
test('contrast does not depend on the order', () => assert.strictEqual(contrast('#123', '#abc'), contrast('#abc', '#123')));
test('a pale ground gets dark text, a dark one light', () => {
  assert.strictEqual(readableOn('#fdeebf'), '#1c2130');
  assert.strictEqual(readableOn('#2346a3'), '#ffffff');
});
test('other notations are refused', () => assert.throws(() => parse('red'), TypeError));
