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
const monthDay = new Intl.DateTimeFormat(language, {month: "short", day: "numeric"});
const clock = new Intl.DateTimeFormat(language, {timeStyle: "short"});
const weekday = new Intl.DateTimeFormat(language, {weekday: "long", day: "numeric", month: "long"});
const dated = new Intl.DateTimeFormat(language, {dateStyle: "long"});
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
  return monthDay.format(moment);
}

/** A moment of a day: "14:05". */
export const time = (moment) => clock.format(moment);

/** A day as it is spoken of: today, yesterday, Monday 3 March, 3 March 2024. */
export function day(moment) {
  const midnight = (of) => new Date(of.getFullYear(), of.getMonth(), of.getDate());
  const days = Math.round((midnight(new Date()) - midnight(moment)) / 86_400_000);
  if (days < 2) return capital(spoken.format(-days, "day"));
  return (days < 300 ? weekday : dated).format(moment);
}

const capital = (text) => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

export const exactly = (moment) => exact.format(moment);

/** A length of time in one unit, as short as the language has it: "12m". */
export const inUnits = (value, unit) => new Intl.NumberFormat(language, {style: "unit", unit, unitDisplay: "narrow"}).format(value);

const part = new Intl.NumberFormat(language, {style: "percent"});

/** A part of one, as people read it: "40%". */
export const percent = (value) => part.format(value);

export const count = (value) => number.format(value);
