// Where an incident is: a few sites by their names, many as their number.

import { collate, t } from "./words.js";

const FEW = 3;

/** @param {string[]} rooms @param {Record<string, string>} names */
export function places(rooms, names) {
  if (rooms.length > FEW) return t("page.inc.rooms", rooms.length);
  return rooms.map((slug) => names[slug] ?? slug).sort(collate).join(", ");
}
