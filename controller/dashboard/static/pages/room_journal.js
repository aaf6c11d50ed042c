// The journal of a room as it was written, the newest first; a time that is not to be believed says so.

import { get } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { useLast } from "../lib/last.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { clock, day, lang, t, when } from "../lib/words.js";
import { Rows } from "./room_panel.js";

const KINDS = ["", "phase", "alert", "command", "order", "proof", "press", "meeting", "noted"];
const PAGE = 40;

/** @param {{ slug: string, meeting: string, named: (text: string) => string }} props */
export function Journal({ slug, meeting, named }) {
  const [rows, setRows] = useState(/** @type {any[] | null} */ (null));
  const [kind, setKind] = useState("");
  const [around, setAround] = useState(meeting);
  const [more, setMore] = useState(false);
  const [failed, setFailed] = useState("");
  const last = useLast();
  const ask = async (/** @type {any[]} */ before) => {
    const oldest = before.at(-1);
    const words = new URLSearchParams({ lang: lang(), limit: String(PAGE), kind, meeting: around, ...(oldest ? { before: oldest.seq } : {}) });
    try {
      const found = await last(get(`/rooms/${slug}/records?${words}`));
      setRows([...before, ...found]);
      setMore(found.length === PAGE);
      setFailed("");
    } catch (error) {
      setFailed(/** @type {Error} */ (error).message);
    }
  };
  useEffect(() => {
    ask([]);
  }, [slug, kind, around]);
  useEffect(() => {
    if (meeting) document.getElementById("journal")?.scrollIntoView({ block: "start" });
  }, [rows === null]);
  return html`<section class="card" id="journal"><div class="row"><h2>${t("room.journal")}</h2><span class="grow"></span>
      <label class="hidden-label"><span>${t("room.kind")}</span><${Kept} as="select" start=${kind} onChange=${(/** @type {any} */ e) => setKind(e.target.value)}>
        ${KINDS.map((one) => html`<option value=${one}>${one ? t(`room.kind.${one}`) : t("room.kind.all")}</option>`)}</${Kept}></label></div>
    ${around ? html`<p class="row"><span class="chip good">${t("room.around")}</span><button onClick=${() => setAround("")}>${t("room.whole")}</button></p>` : null}
    ${failed ? html`<p class="warn" role="alert">${failed}</p>` : null}
    ${rows?.length === 0 ? html`<p class="soft">${t("room.no_record")}</p>` : null}
    <ol class="journal">${rows?.map((row, n) => html`${day(time(row)) === day(time(rows[n - 1] ?? { at_ms: 0 })) ? null : html`<li class="date">${day(time(row))}</li>`}<${Line} key=${row.seq} row=${row} named=${named} />`)}</ol>
    ${more ? html`<button onClick=${() => ask(rows ?? [])}>${t("room.older")}</button>` : null}</section>`;
}

/** @param {{ at_ms: number, true_ms?: number | null }} row */
const time = (row) => row.true_ms ?? row.at_ms;

/** @param {{ row: any, named: (text: string) => string }} props */
function Line({ row, named }) {
  const sure = row.clock === "ntp" || row.clock === "rtc";
  const doubt = sure ? "" : row.true_ms ? t("room.computed") : t(`trust.${row.clock}`);
  const checks = items(row);
  const tone = row.kind === "alert" ? "bad" : row.kind.startsWith("command.rejected") || row.kind === "refused" ? "warn" : "";
  return html`<li><time>${clock(time(row))}${doubt ? html`<span class="warn"> ~</span>` : null}</time>
    <span class=${tone}>${named(row.text)}${doubt ? html` <span class="warn">(${doubt})</span>` : null} <span class="soft">#${row.seq}</span>${checks.length > 0 ? html`<details><summary>${t("room.checks_each", checks.length, when(row.body.value[1]))}</summary><${Rows} rows=${checks} /></details>` : null}</span></li>`;
}

/** The items of a whole check: result, when, what failed, what could not be made, then a row for each (rules/checks.py).
 * @param {any} row @returns {[string, any][]} */
function items(row) {
  const rows = row.kind === "noted" && /^check(60|ed)?(\.|$)/.test(row.subject) ? row.body.value?.[4] ?? [] : [];
  return rows.map((/** @type {any[]} */ [item, result, figure, why]) => [item, { result, figure: figure ?? undefined, why }]);
}
