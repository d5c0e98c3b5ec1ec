#!/usr/bin/env node
'use strict';

const { badge } = require('.');

const [label, value, colour, ...rest] = process.argv.slice(2);
if (value === undefined || rest.length > 0) {
  console.error('Usage: narthex-badge LABEL VALUE [#COLOUR]');
  process.exit(2);
}
console.log(badge({ label, value, colour }));
