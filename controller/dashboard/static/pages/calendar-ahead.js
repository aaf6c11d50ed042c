// N29: the coming week; only sites with a reason, each with who can still do something.

import { get } from "../lib/api.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { clock, collate, t, when, word } from "../lib/words.js";

/** @param {{ turn: number }} props */
export function Ahead({ turn }) {
  const [found, setFound] = useState(/** @type {any} */ (null));
  useEffect(() => void get("/ahead").then(setFound), [turn]);
  if (found === null) return null;
  const { meetings, hands } = found;
  const name = (/** @type {string} */ room) => hands[room]?.name ?? room;
  return html`<p class="soft">${t("ahead.page.about")}</p>${meetings.length ? null : html`<p>${t("calendar.page.nothing")}</p>`}
    ${meetings.map((/** @type {any} */ one) => html`<section class="card">
      <h2>${when(one.start_ms)} ${one.title} ${one.at_risk.length
        ? html`<span class="chip warn">▲ ${t("ahead.page.at_risk", one.at_risk.length, one.rooms)}</span>` : html`<span class="chip good">✓ ${t("ahead.page.none", one.rooms)}</span>`}</h2>
      ${one.at_risk.length ? html`<p class="soft">${t("ahead.page.until", when(one.ready_ms))}</p>` : null}
      <${Rows} rows=${one.at_risk.filter((/** @type {any} */ row) => !bare(row))} title=${one.title} hands=${hands} name=${name} />
      ${one.at_risk.some(bare) ? html`<p class="warn"><span aria-hidden="true">▲</span> ${t("ahead.page.bare", one.at_risk.filter(bare).map((/** @type {any} */ row) => name(row.room)).sort(collate).join(", "))}</p>` : null}
    </section>`)}`;
}

/** @param {{ rows: any[], title: string, hands: any, name: (room: string) => string }} props */
function Rows({ rows, title, hands, name }) {
  if (rows.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${title}><table class="cal-ahead"><thead><tr><th>${t("ahead.page.site")}</th><th>${t("ahead.page.why")}</th><th>${t("ahead.page.who")}</th></tr></thead>
    <tbody>${rows.sort((a, b) => collate(name(a.room), name(b.room))).map((row) => html`<tr><th scope="row">${name(row.room)}</th>
      <td><ul>${row.reasons.map((/** @type {any} */ it) => html`<li class=${it.grave ? "bad" : "warn"}><span aria-hidden="true">${it.grave ? "■" : "▲"}</span> ${reason(it)}</li>`)}</ul></td>
      <td>${fixers(row.reasons).map((who) => html`<div><${Fixer} who=${who} hand=${hands[row.room] ?? {}} /></div>`)}</td></tr>`)}</tbody></table></div>`;
}

/** Nothing but a name is missing: one line for all of them. @param {any} row */
const bare = (row) => row.reasons.every((/** @type {any} */ one) => one.code === "ahead.technician");

/** @param {any[]} reasons @returns {string[]} */
const fixers = (reasons) => [...new Set(reasons.flatMap((one) => one.fixers))];

/** @param {any} it */
function reason({ code, args }) {
  if (code === "ahead.maintenance") return t(code, `${when(args[0])} – ${when(args[1])}`, args[2]);
  if (code === "ahead.conflict") return t(code, args[0], clock(args[1]));
  if (code === "ahead.rehearsal") return t(code, String(args[0]).split(", ").map(word).join(", "));
  if (code === "ahead.incident") return t(code, t(`page.inc.${args[0]}`));
  if (code === "ahead.alert") return t(code, args.map(alert).join("; "));
  return t(code, ...args);
}

/** The name of what a room reports, else its code. @param {string} code */
function alert(code) {
  const said = t(`alert.${code}`);
  return said === `alert.${code}` ? code : said;
}

/** @param {{ who: string, hand: any }} props */
function Fixer({ who, hand }) {
  const person = hand[who];
  const phone = who === "provider" ? hand.hotline : person?.phone;
  const name = who === "provider" ? [hand.provider, hand.circuit].filter(Boolean).join(", ") : person?.name;
  return html`<span class="soft">${t(`ahead.who.${who}`)}</span> ${name ?? ""} ${phone ? html`<a href=${`tel:${phone}`}>${phone}</a>` : null}`;
}
