// The boxes: versions, connection, clock, disk, temperature, journal, drift; and the messages that were not believed.

import { get } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useMemo, useState } from "../lib/ui.js";
import { collate, folded, number, t, when, word } from "../lib/words.js";

/**
 * @typedef {{ code: string, first: number, last: number, found_ms: number }} Finding
 * @typedef {{ what: string, approved: string, now: string }} Drift
 * @typedef {{ slug: string, name: string, online: boolean, seen_ms: number, fw: string | null, via: string | null,
 *   address: string | null, clock: string | null, disk_free_pct: number | null, cpu_temp_c: number | null,
 *   certificate_ms: number | null,
 *   maintenance: boolean, update: string | null, drift: Drift[], upto: number, behind: number | null, stuck: boolean,
 *   findings: Finding[], looks: string[] }} Box
 * @typedef {{ ring: string, version: string, at_ms: number, taken: number, back: string[], refused: string[], silent: string[] }} Stop
 * @typedef {{ topic: string, why: string, size: number, start: string, received_ms: number }} Refused
 */

const AGAIN_MS = 30_000;
const STEP = 200;
/** What is urgent has the strong tone and its own shape. @type {Record<string, [string, string]>} */
const TONES = { silent: ["bad", "✕"], doubt: ["bad", "!"], gap: ["warn", "…"], behind: ["warn", "…"], backup: ["warn", "⇄"], clock: ["warn", "◷"], disk: ["warn", "▣"], hot: ["warn", "△"], certificate: ["warn", "⌛"], drift: ["warn", "≠"], update: ["good", "↑"] };

/** @type {Record<string, { text: string, num?: boolean, by: (box: Box) => string | number }>} */
const COLUMNS = {
  name: { text: "fleet.room", by: (box) => box.name },
  looks: { text: "fleet.look", by: (box) => -rank(box) },
  fw: { text: "fleet.version", by: (box) => box.fw ?? "" },
  seen: { text: "fleet.seen", by: (box) => box.seen_ms },
  via: { text: "fleet.via", by: (box) => box.via ?? "" },
  clock: { text: "fleet.clock", by: (box) => box.clock ?? "" },
  disk: { text: "fleet.disk", num: true, by: (box) => box.disk_free_pct ?? -1 },
  temp: { text: "fleet.temp", num: true, by: (box) => box.cpu_temp_c ?? -99 },
  journal: { text: "fleet.journal", num: true, by: (box) => -(box.behind ?? 0) },
  maintenance: { text: "fleet.maintenance", by: (box) => (box.maintenance ? 0 : 1) },
};

/** The most urgent first, then how many. @param {Box} box */
function rank(box) {
  const order = Object.keys(TONES);
  return box.looks.length === 0 ? 0 : (order.length - order.indexOf(box.looks[0])) * 100 + box.looks.length;
}

export function Page() {
  const [boxes, setBoxes] = useState(/** @type {Box[] | null} */ (null));
  const [refused, setRefused] = useState(/** @type {Refused[]} */ ([]));
  const [stopped, setStopped] = useState(/** @type {Stop[]} */ ([]));
  const [said, setSaid] = useState("");
  useEffect(() => {
    const load = async () => {
      try {
        const found = await get("/fleet");
        setBoxes(found.rooms);
        setRefused(found.refused);
        setStopped(found.stopped);
        setSaid("");
      } catch (error) {
        setSaid(/** @type {Error} */ (error).message);
      }
    };
    load();
    const quiet = listen("hello", load);
    const timer = setInterval(load, AGAIN_MS);
    return () => {
      quiet();
      clearInterval(timer);
    };
  }, []);
  return html`${said === "" ? null : html`<p class="lost" role="alert">${said}</p>`}
    ${boxes === null ? html`<h1>${t("page.nav.fleet")}</h1>` : html`<${Boxes} boxes=${boxes} />`}
    <${Stopped} rows=${stopped} />
    <${RefusedOnes} rows=${refused} />`;
}

/** Releases that go no further, the last first; the sites in which they failed by name. @param {{ rows: Stop[] }} props */
function Stopped({ rows }) {
  if (rows.length === 0) return null;
  const named = (/** @type {string} */ text, /** @type {string[]} */ rooms) => rooms.length === 0 ? null : html`<li>${t(text, rooms.length)}: ${rooms.map((room, n) => html`${n === 0 ? "" : ", "}<a href=${`#/rooms/${room}`}>${room}</a>`)}</li>`;
  return html`<section class="card"><h2>${t("fleet.stopped")}</h2>
    ${rows.map((row) => html`<p class="bad">${t("fleet.stopped.row", row.version, row.ring, when(row.at_ms), row.taken)}</p>
      <ul>${named("fleet.stopped.back", row.back)}${named("fleet.stopped.refused", row.refused)}${named("fleet.stopped.silent", row.silent)}</ul>`)}
    <p class="soft">${t("fleet.stopped.about")}</p></section>`;
}

/** @param {{ boxes: Box[] }} props */
function Boxes({ boxes }) {
  const [text, setText] = useState("");
  const [look, setLook] = useState("");
  const [sort, setSort] = useState({ by: "looks", down: false });
  const [most, setMost] = useState(STEP);
  const shown = useMemo(() => {
    const wanted = folded(text.trim());
    const fits = (/** @type {Box} */ box) =>
      (look === "" || (look === "any" ? box.looks.length > 0 : box.looks.includes(look))) &&
      folded(`${box.name} ${box.slug} ${box.fw ?? ""} ${box.address ?? ""}`).includes(wanted);
    return boxes.filter(fits).sort(order(sort));
  }, [boxes, text, look, sort]);
  const turn = (/** @type {string} */ by) => setSort({ by, down: sort.by === by && !sort.down });
  return html`
    <div class="row">
      <h1>${t("page.nav.fleet")}</h1>
      <span class="soft" role="status">${t("fleet.count", shown.length, boxes.length, boxes.filter((box) => box.online).length)}</span>
    </div>
    <div class="row card">
      <input type="search" class="fleet-find" aria-label=${t("fleet.find")} placeholder=${t("fleet.find")} value=${text} onInput=${(/** @type {any} */ e) => setText(e.target.value)} />
      <${Kept} as="select" start="" aria-label=${t("fleet.look")} onChange=${(/** @type {any} */ e) => setLook(e.target.value)}>
        <option value="">${t("fleet.all")}</option>
        <option value="any">${t("fleet.look.any", boxes.filter((box) => box.looks.length > 0).length)}</option>
        ${Object.keys(TONES).map((one) => [one, boxes.filter((box) => box.looks.includes(one)).length]).filter(([one, n]) => n !== 0 || one === look).map(
          ([one, n]) => html`<option value=${one} key=${one}>${t(`fleet.look.${one}`)} (${number(/** @type {number} */ (n))})</option>`)}
      </${Kept}>
      <${Versions} boxes=${boxes} choose=${setText} />
    </div>
    <div class="card scroll fleet" role="region" aria-label=${t("page.nav.fleet")} tabindex="0">
      <table>
        <thead><tr>${Object.entries(COLUMNS).map(([by, column]) => html`
          <th class=${column.num ? "num" : ""} aria-sort=${sort.by === by ? (sort.down ? "descending" : "ascending") : undefined}>
            <button onClick=${() => turn(by)}>${t(column.text)}${sort.by === by ? html`<span aria-hidden="true"> ${sort.down ? "▼" : "▲"}</span>` : null}</button></th>`)}</tr></thead>
        <tbody>${shown.slice(0, most).map((box) => html`<${Line} box=${box} key=${box.slug} />`)}</tbody>
      </table>
      ${shown.length === 0 ? html`<p class="soft">${t("fleet.none_found")}</p>` : null}
    </div>
    ${shown.length > most ? html`<p><button onClick=${() => setMost(most + STEP)}>${t("fleet.more", Math.min(STEP, shown.length - most))}</button></p>` : null}`;
}

/** @param {{ by: string, down: boolean }} sort @returns {(a: Box, b: Box) => number} */
function order({ by, down }) {
  const value = COLUMNS[by].by;
  const sign = down ? -1 : 1;
  return (a, b) => {
    const [one, other] = [value(a), value(b)];
    const first = typeof one === "string" ? collate(one, String(other)) : one - Number(other);
    return sign * first || collate(a.name, b.name);
  };
}

/** How many run what; a press shows them. @param {{ boxes: Box[], choose: (text: string) => void }} props */
function Versions({ boxes, choose }) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const box of boxes) if (box.fw !== null) found.set(box.fw, (found.get(box.fw) ?? 0) + 1);
  return html`<span class="row" role="group" aria-label=${t("fleet.versions")}>${[...found].sort((a, b) => collate(a[0], b[0])).map(
    ([fw, n]) => html`<button onClick=${() => choose(fw)}>${fw}: ${number(n)}</button>`)}</span>`;
}

/** @param {{ box: Box }} props */
function Line({ box }) {
  const [open, setOpen] = useState(false);
  const more = box.drift.length + box.findings.length > 0 || box.address !== null || box.certificate_ms !== null;
  return html`
    <tr>
      <td><a href=${`#/rooms/${box.slug}`}>${box.name}</a>${more ? html` <button aria-expanded=${open} aria-label=${t("fleet.details", box.name)} onClick=${() => setOpen(!open)}>${open ? "−" : "+"}</button>` : null}</td>
      <td>${box.looks.length === 0 ? html`<span class="soft">${t("fleet.nothing")}</span>` : html`<span class="row">${box.looks.map((one) => html`<span class=${`chip ${TONES[one][0]}`}><span aria-hidden="true">${TONES[one][1]} </span>${t(`fleet.look.${one}`)}</span>`)}</span>`}</td>
      <td>${box.fw ?? unknown()}${box.update === null ? null : html` <span class="soft">→ ${box.update}</span>`}</td>
      <td class="time">${box.seen_ms === 0 ? t("fleet.never") : when(box.seen_ms)}</td>
      <td>${box.via === null ? unknown() : t(`fleet.via.${box.via}`)}</td>
      <td>${box.clock === null ? unknown() : t(`fleet.clock.${box.clock}`)}</td>
      <td class="num">${figure(box.disk_free_pct, "%")}</td>
      <td class="num">${figure(box.cpu_temp_c, "°C")}</td>
      <td class="num">${number(box.upto)}${box.behind ? html`<br /><span class="soft">${t("fleet.behind", box.behind)}</span>` : null}</td>
      <td>${box.maintenance ? t("page.yes") : ""}</td>
    </tr>
    ${open ? html`<tr><td colspan="10"><${More} box=${box} /></td></tr>` : null}`;
}

/** @param {{ box: Box }} props */
function More({ box }) {
  return html`
    ${box.address === null ? null : html`<p>${t("fleet.address")}: ${box.address}</p>`}
    ${box.certificate_ms === null ? null : html`<p>${t("fleet.certificate")}: ${when(box.certificate_ms)}</p>`}
    ${box.findings.length === 0 ? null : html`<h2>${t("fleet.findings")}</h2>
      <ul>${box.findings.map((one) => html`<li>${when(one.found_ms)}: ${t(`fleet.finding.${one.code}`, one.first, one.last)}</li>`)}</ul>`}
    ${box.drift.length === 0 ? null : html`<h2>${t("fleet.drift")}</h2>
      <table><thead><tr><th>${t("fleet.what")}</th><th>${t("fleet.approved")}</th><th>${t("fleet.now")}</th></tr></thead>
      <tbody>${box.drift.map((one) => html`<tr><td>${word(one.what)}</td><td>${one.approved}</td><td class="warn">${one.now}</td></tr>`)}</tbody></table>`}`;
}

/** @param {{ rows: Refused[] }} props */
function RefusedOnes({ rows }) {
  return html`<section class="card"><h2>${t("fleet.refused")}</h2>
    ${rows.length === 0 ? html`<p class="soft">${t("fleet.none_refused")}</p>` : html`
    <p class="soft">${t("fleet.refused.about")}</p>
    <div class="scroll" role="region" aria-label=${t("fleet.refused")} tabindex="0"><table>
      <thead><tr><th>${t("fleet.time")}</th><th>${t("fleet.topic")}</th><th>${t("fleet.why")}</th><th class="num">${t("fleet.size")}</th><th>${t("fleet.start")}</th></tr></thead>
      <tbody>${rows.map((one) => html`<tr><td>${when(one.received_ms)}</td><td>${one.topic}</td><td>${t(`fleet.why.${one.why}`)}</td><td class="num">${number(one.size)}</td><td><code>${one.start.slice(0, 120)}</code></td></tr>`)}</tbody>
    </table></div>`}</section>`;
}

function unknown() {
  return html`<span class="soft">${t("fleet.unknown")}</span>`;
}

/** @param {number | null} value @param {string} unit */
function figure(value, unit) {
  return value === null ? unknown() : `${number(value, 0)} ${unit}`;
}
