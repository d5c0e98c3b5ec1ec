const UNITS = [
  ['year', 31_556_952],
  ['month', 2_629_746],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/**
 * How long ago `when` was, in the largest unit that fits at least once.
 *
 * @param {Date | number | string} when what Date takes; a time to come gives "in 3 minutes"
 * @param {{ now?: Date | number, locale?: string }} [options]
 */
export function ago(when, { now = Date.now(), locale = 'en' } = {}) {
  const seconds = (new Date(when).getTime() - new Date(now).getTime()) / 1000;
  if (Number.isNaN(seconds)) throw new TypeError(`not a time: ${when}`);
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / length), unit);
}
