'use strict';

const { readableOn } = require('narthex-colour');

const HEIGHT = 20;
const PADDING = 6;

/** Width in pixels of text at 11 px, near enough: browsers squeeze it into place by textLength. */
const widthOf = (text) => Math.round([...text].reduce((sum, char) => sum + (/[ilj.,:;|!'1 ]/.test(char) ? 4 : 7), 0));

const escape = (text) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** A badge with two fields as a string of SVG. */
function badge({ label, value, colour = '#2346a3', labelColour = '#545a69' }) {
  let x = 0;
  const fields = [[label, labelColour], [value, colour]].map(([text, ground]) => {
    const inner = widthOf(text);
    const field =
      `<rect x="${x}" width="${inner + 2 * PADDING}" height="${HEIGHT}" fill="${ground}"/>` +
      `<text x="${x + PADDING}" y="14" textLength="${inner}" fill="${readableOn(ground)}">${escape(text)}</text>`;
    x += inner + 2 * PADDING;
    return field;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${x}" height="${HEIGHT}" role="img" ` +
    `font-family="sans-serif" font-size="11"><title>${escape(`${label}: ${value}`)}</title>${fields.join('')}</svg>`
  );
}

module.exports = { badge };
