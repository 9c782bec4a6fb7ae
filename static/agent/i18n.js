/** Words, numbers and times in the page's language. The catalogue is Django's (/agent/i18n.js); without it: English. */

const django = globalThis.django ?? {};

export const language = document.documentElement.lang || "en";

export const gettext = (text) => django.gettext?.(text) ?? text;

export const ngettext = (one, many, count) => django.ngettext?.(one, many, count) ?? (count === 1 ? one : many);

/** Fill `%(name)s` in a translated text. */
export const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (all, name) => values[name] ?? all);

const relative = new Intl.RelativeTimeFormat(language, {numeric: "auto", style: "narrow"});
const spoken = new Intl.RelativeTimeFormat(language, {numeric: "auto", style: "long"});
const exact = new Intl.DateTimeFormat(language, {dateStyle: "medium", timeStyle: "short"});
const day = new Intl.DateTimeFormat(language, {month: "short", day: "numeric"});
const number = new Intl.NumberFormat(language);

const MINUTE = 60, HOUR = 3600, DAY = 86400;

/** Return how long ago a moment was, short ("3 min ago") or, with `long`, as it is read aloud. */
export function ago(moment, now, long = false) {
  const words = long ? spoken : relative;
  const seconds = Math.min(0, Math.round((moment - now) / 1000));
  if (seconds > -45) return gettext("just now");
  if (seconds > -HOUR) return words.format(Math.min(-1, Math.round(seconds / MINUTE)), "minute");
  if (seconds > -DAY) return words.format(Math.round(seconds / HOUR), "hour");
  if (seconds > -7 * DAY) return words.format(Math.round(seconds / DAY), "day");
  return day.format(moment);
}

export const exactly = (moment) => exact.format(moment);

export const count = (value) => number.format(value);
