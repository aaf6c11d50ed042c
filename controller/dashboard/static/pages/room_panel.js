// The wall panel as it is in the room, and the checks. Position and label carry the meaning; the pattern is also said.

import { html } from "../lib/ui.js";
import { t, when } from "../lib/words.js";
import { label, shown } from "./room_parts.js";

/** @typedef {import("./room_parts.js").Part} Part */

const ORDER = ["ready", "power", "device", "line", "mic", "talk", "duty", "check", "help", "buzzer"];

/** @param {{ part: Part | undefined, old: boolean }} props */
export function Lamps({ part, old }) {
  const lamps = Object.entries(part?.body.lamps ?? {});
  if (lamps.length === 0) return null;
  const place = (/** @type {string} */ name) => ORDER.indexOf(name.split("_")[0]);
  const rows = lamps.sort(([a], [b]) => place(a) - place(b));
  return html`<section class="card"><h2>${t("room.panel")}</h2>
    <ul class="lamps">${rows.map(([name, pattern]) => html`<${Lamp} key=${name} name=${name} pattern=${old ? "unknown" : pattern} />`)}</ul></section>`;
}

/** @param {{ name: string, pattern: any }} props */
function Lamp({ name, pattern }) {
  const [role, ...seat] = name.split("_");
  const meaning = t(`lamp.${role}.${pattern}`);
  const said = meaning.startsWith("lamp.") ? (pattern === "unknown" ? t("room.unknown") : t(`pattern.${pattern}`)) : meaning;
  const known = t(`lamp.${role}`);
  return html`<li><span class=${`lamp ${role} ${pattern}`} aria-hidden="true"></span>
    <span><b>${role === "buzzer" ? t("room.buzzer") : known === `lamp.${role}` ? name : known}${seat.length > 0 ? ` (${seat.join(" ")})` : ""}</b><br /><span class="soft">${said}</span></span></li>`;
}

/** @type {Record<string, [string, string]>} */
const RESULT = { passed: ["good", "✓"], failed: ["bad", "✕"], not_made: ["warn", "?"], not_applicable: ["", "–"], not_due: ["", "…"], partly: ["warn", "~"] };
const FIRST = ["failed", "not_made"];

/** @param {{ part: Part | undefined, old: boolean }} props */
export function Checks({ part, old }) {
  const rows = Object.entries(part?.body.now ?? {});
  if (rows.length === 0) return null;
  const counts = Object.keys(RESULT).map((result) => [result, rows.filter(([, row]) => row.result === result).length]).filter(([, n]) => n);
  const doubtful = rows.filter(([, row]) => FIRST.includes(row.result));
  const rest = rows.filter(([, row]) => !FIRST.includes(row.result));
  const made = Object.entries(part?.body.made ?? {});
  return html`<section class="card"><h2>${t("room.checks")}</h2>
    <p class="row">${old ? html`<span class="chip warn">? ${t("quality.stale")}</span>` : null}${counts.map(([result, n]) => {
      const [tone, shape] = RESULT[/** @type {string} */ (result)];
      return html`<span class=${`chip ${tone}`}><i>${shape}</i> ${n} ${t(`checked.${result}`)}</span>`;
    })}</p>
    ${made.map(([kind, row]) => (row && typeof row === "object" ? html`<p class="soft">${t("room.made", t(`room.check.${kind.split(".")[0]}`), when(row.wall_ms), t(`checked.${row.result}`))}</p>` : null))}
    <${Rows} rows=${doubtful} />
    <details><summary>${t("room.checks_all", rest.length)}</summary><${Rows} rows=${rest} /></details></section>`;
}

/** Each check: what, its result, the figure, a word why. @param {{ rows: [string, any][] }} props */
export function Rows({ rows }) {
  if (rows.length === 0) return null;
  return html`<table><tbody>${rows.map(([item, row]) => {
    const [tone, shape] = RESULT[row.result] ?? RESULT.not_made;
    return html`<tr><td>${label(item)}</td><td class=${tone}><i>${shape}</i> ${t(`checked.${row.result}`)}</td>
      <td>${row.figure === undefined ? "" : shown(item, row.figure)}</td><td class="soft">${row.why ? t(`checked.${row.why}`) : ""}</td></tr>`;
  })}</tbody></table>`;
}
