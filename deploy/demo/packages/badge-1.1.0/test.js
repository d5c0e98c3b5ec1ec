'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { badge } = require('.');

test('says its label and its value', () => assert.match(badge({ label: 'npm', value: '1.0.0' }), /<title>npm: 1\.0\.0<\/title>/));
test('text cannot become markup', () => assert.doesNotMatch(badge({ label: '<script>', value: '"' }), /<script>/));
test('text can be read on a pale ground', () => assert.match(badge({ label: 'a', value: 'b', colour: '#ffffff' }), /fill="#1c2130">b</));
