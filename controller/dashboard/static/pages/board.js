// The countdown (N6): the next meetings, the rooms of each by state, and who can still mend what is not ready.

import { get } from "../lib/api.js";
import { now, useRooms } from "../lib/rooms.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { clock, day, number, t } from "../lib/words.js";

/** @typedef {{ slug: string, stand: string, on_time: string, why: string, args: unknown[], fix: number, people: { part: string, name: string, phone: string }[] }} Look */
/** @typedef {{ uid: string, title: string, start_ms: number, end_ms: number, kind: string, document_no: string, tentative: boolean, secret: boolean, outlook: string, counts: Record<string, number>, rooms: Look[] }} Meeting */

const STANDS = ["failed", "risk", "unknown", "warming", "off", "ready"];
/** @type {Record<string, [string, string]>} */
const SHAPE = { failed: ["bad", "■"], risk: ["warn", "▲"], unknown: ["warn", "?"], warming: ["", "◔"], off: ["", "○"], ready: ["good", "●"] };
/** @type {Record<string, [string, string]>} */
const OUTLOOK = { on_time: ["good", "●"], risk: ["bad", "▲"], unknown: ["warn", "?"] };
/** @type {Record<string, [string, string]>} */
const ON_TIME = { met: ["good", "✓"], missed: ["bad", "✕"], not_due: ["", "…"], short_notice: ["warn", "!"], unknown: ["warn", "?"] };
const SOON_MS = 1_500;

/** @param {{ me: any }} props */
export function Page({ me }) {
  const { bySlug } = useRooms();
  const [meetings, setMeetings] = useState(/** @type {Meeting[] | null} */ (null));
  const [failed, setFailed] = useState("");
  const due = useRef(0);
  useEffect(() => {
    const load = async () => {
      clearTimeout(due.current);
      due.current = 0;
      try {
        setMeetings((await get("/board")).meetings);
        setFailed("");
      } catch (error) {
        setFailed(/** @type {Error} */ (error).message);
      }
    };
    const soon = () => {
      if (due.current === 0) due.current = setTimeout(load, SOON_MS);
    };
    load();
    const quiet = [listen("hello", load), listen("meetings", load), listen("rooms", soon)];
    const tick = setInterval(load, 20_000);
    return () => {
      clearTimeout(due.current);
      clearInterval(tick);
      quiet.forEach((end) => end());
    };
  }, []);
  const name = (/** @type {string} */ slug) => bySlug.get(slug)?.name ?? slug;
  const phones = me.role !== "viewer";
  return html`<h1>${t("page.nav.board")}</h1>
    ${failed ? html`<p class="card warn" role="alert">${failed}</p>` : null}
    ${meetings?.length === 0 ? html`<p class="card">${t("board.none")}</p>` : null}
    ${meetings?.map((one, n) => html`<${Row} key=${one.uid} meeting=${one} name=${name} first=${n === 0} phones=${phones} />`)}`;
}

/** @param {{ meeting: Meeting, name: (slug: string) => string, first: boolean, phones: boolean }} props */
function Row({ meeting, name, first, phones }) {
  const [all, setAll] = useState(false);
  const [tone, shape] = OUTLOOK[meeting.outlook];
  const bad = meeting.rooms.filter((one) => ["failed", "risk", "unknown"].includes(one.stand));
  const shown = all ? meeting.rooms : bad;
  const rest = meeting.rooms.length - bad.length;
  return html`<section class=${`card meeting ${tone}`} aria-label=${`${clock(meeting.start_ms)} ${meeting.title}`}>
    <div class="meeting-head">
      <div class="hour"><strong>${clock(meeting.start_ms)}</strong><span class="soft">${day(meeting.start_ms)}</span></div>
      <div class="what"><h2>${meeting.title || t("board.secret")}</h2>
        <span class="soft">${[meeting.document_no ? t("board.document", meeting.document_no) : "", meeting.tentative ? t("board.tentative") : ""].filter(Boolean).join(" · ")}</span></div>
      <div class="left"><strong>${left(meeting)}</strong><span class="soft">${t60(meeting)}</span></div>
      <div class="outlook"><span class=${`chip ${tone}`}><i>${shape}</i> ${t(`board.outlook.${meeting.outlook}`)}</span>
        <strong>${t("board.ready", meeting.counts.ready, meeting.rooms.length)}</strong></div>
    </div>
    <${Bar} counts=${meeting.counts} total=${meeting.rooms.length} />
    ${shown.length === 0 ? null : html`<div class="scroll" tabindex="0" role="region" aria-label=${`${t("board.col.room")}, ${clock(meeting.start_ms)} ${meeting.title}`}><table class="looks">
      <thead><tr>${["room", "stand", "why", "on_time", "who"].map((one) => html`<th>${t(`board.col.${one}`)}</th>`)}<th>${t("board.evidence")}</th></tr></thead>
      <tbody>${shown.map((look) => html`<${LookRow} key=${look.slug} look=${look} uid=${meeting.uid} name=${name} phones=${phones} />`)}</tbody></table></div>`}
    ${rest === 0 ? null : html`<div class="row"><button aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? t("board.show_less") : t("board.show_all", meeting.rooms.length)}</button>
      ${all || (first && bad.length === 0) ? null : html`<span class="soft">${t("board.fine", rest)}</span>`}</div>`}
  </section>`;
}

/** Rooms by state, as lengths and as numbers with their words. @param {{ counts: Record<string, number>, total: number }} props */
function Bar({ counts, total }) {
  const some = STANDS.filter((stand) => counts[stand] > 0);
  return html`<div class="bar" aria-hidden="true">${some.map((stand) => html`<span class=${stand} style=${{ flexGrow: counts[stand] / total }}></span>`)}</div>
    <ul class="counts">${some.map((stand) => html`<li class=${SHAPE[stand][0]}><i>${SHAPE[stand][1]}</i> <b>${number(counts[stand])}</b> ${t(`board.stand.${stand}`)}</li>`)}</ul>`;
}

/** @param {{ look: Look, uid: string, name: (slug: string) => string, phones: boolean }} props */
function LookRow({ look, uid, name, phones }) {
  const [tone, shape] = SHAPE[look.stand];
  const [mark, sign] = ON_TIME[look.on_time];
  return html`<tr>
    <td><a href=${`#/rooms/${look.slug}`}>${name(look.slug)}</a></td>
    <td class=${tone}><i>${shape}</i> ${t(`board.stand.${look.stand}`)}</td>
    <td>${look.why ? t(look.why, ...look.args) : ""}</td>
    <td class=${mark}><i>${sign}</i> ${t(`board.on_time.${look.on_time}`)}</td>
    <td>${look.fix === 0 ? html`<div>${t("board.fix.0")}</div>` : null}
      ${look.people.slice(0, 2).map((one) => html`<div>${t(`contact.${one.part}`)}: ${one.name} <a class="tel" href=${`tel:${one.phone.replace(/[^+\d]/g, "")}`}>${one.phone}</a></div>`)}
      ${look.people.length === 0 && look.fix === 2 ? html`<span class="soft">${t("board.fix.2")}</span>` : null}
      ${look.people.length === 0 && look.fix === 1 && !phones ? html`<span class="soft">${t("board.hidden")}</span>` : null}</td>
    <td><a href=${`#/rooms/${look.slug}/journal/${encodeURIComponent(uid)}`} aria-label=${`${t("board.evidence")}: ${name(look.slug)}`}>${t("board.evidence")}</a></td></tr>`;
}

/** @param {Meeting} meeting */
function left(meeting) {
  const ms = meeting.start_ms - now();
  return ms <= 0 ? t("board.running", clock(meeting.start_ms)) : t("board.ahead", span(ms));
}

/** @param {Meeting} meeting */
function t60(meeting) {
  const ms = meeting.start_ms - 3_600_000 - now();
  if (ms > 0) return t("board.t60_left", span(ms));
  const n = (/** @type {string} */ what) => meeting.rooms.filter((one) => one.on_time === what).length;
  return t("board.t60_met", n("met"), n("missed"), n("unknown"));
}

/** @param {number} ms */
export function span(ms) {
  const minutes = Math.max(0, Math.ceil(ms / 60_000));
  if (minutes < 60) return t("status.min", minutes);
  if (minutes < 48 * 60) return t("status.hours", Math.floor(minutes / 60), minutes % 60);
  return t("status.days", Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60));
}
