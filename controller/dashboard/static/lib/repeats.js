// How a meeting repeats, in words: an RRULE without UNTIL, of the keys that the reader takes (calendar_rule.py).

import { t } from "./words.js";

/** @param {string} rule */
export function repeats(rule) {
  /** @type {Record<string, string>} */
  const part = Object.fromEntries(rule.toUpperCase().split(";").map((one) => one.split("=")));
  const every = Number(part["INTERVAL"] ?? 1);
  const how = t(`repeat.${every > 1 ? "each" : "every"}.${part["FREQ"]}`, every);
  const days = each(part["BYDAY"], (day) => {
    const [nth, name] = [Number(day.slice(0, -2)), t(`repeat.day.${day.slice(-2)}`)];
    return nth ? t(nth < 0 ? "repeat.nth_last" : "repeat.nth", name, Math.abs(nth)) : name;
  });
  const dates = each(part["BYMONTHDAY"], (date) => t(Number(date) < 0 ? "repeat.date_last" : "repeat.date", Math.abs(Number(date))));
  const chosen = each(part["BYSETPOS"], (n) => t(Number(n) < 0 ? "repeat.chosen_last" : "repeat.chosen", Math.abs(Number(n))));
  const months = each(part["BYMONTH"], (month) => t("repeat.month", Number(month)));
  const times = part["COUNT"] ? t("repeat.times", Number(part["COUNT"])) : "";
  return [how, days, dates, chosen, months, times].filter(Boolean).join("; ");
}

/** @param {string | undefined} list @param {(one: string) => string} say */
function each(list, say) {
  return (list ?? "").split(",").filter(Boolean).map(say).join(", ");
}
