'use strict';

/** The three channels, 0 to 255, of "#rgb" or "#rrggbb". */
function parse(colour) {
  const match = /^#(?:([0-9a-f]{3})|([0-9a-f]{6}))$/i.exec(colour);
  if (!match) throw new TypeError(`not a colour of the form #rgb or #rrggbb: ${colour}`);
  const digits = match[2] ?? [...match[1]].map((digit) => digit + digit).join('');
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}

/** Relative luminance, 0 (black) to 1 (white); WCAG 2.2, definition "relative luminance". */
function luminance(colour) {
  const [red, green, blue] = parse(colour).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio, 1 to 21. Text needs 4.5, large text and controls need 3. */
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Of the candidates, the one that stands out most from the ground. */
function readableOn(ground, candidates = ['#ffffff', '#1c2130']) {
  return candidates.reduce((best, next) => (contrast(ground, next) > contrast(ground, best) ? next : best));
}

module.exports = { parse, luminance, contrast, readableOn };
