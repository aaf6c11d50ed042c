// The grid: month, week, day and list by the vendored library; a phone gets the list. Dragging asks before it moves.

import { get, post } from "../lib/api.js";
import { useLast } from "../lib/last.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib/ui.js";
import { clock, day, lang, t, when } from "../lib/words.js";
import { askClock, dateOf, fromGrid, now, wall, zone } from "./calendar-times.js";

const PHONE = "(max-width: 700px)";

/** The library is a classic script: it is loaded once, when somebody opens the calendar. @returns {Promise<any>} */
function library() {
  const it = /** @type {any} */ (window);
  if (it.EventCalendar) return Promise.resolve(it.EventCalendar);
  return new Promise((done, failed) => {
    const css = document.createElement("link");
    Object.assign(css, { rel: "stylesheet", href: "/static/vendor/event-calendar.css" });
    document.head.prepend(css);
    const script = document.createElement("script");
    script.src = "/static/vendor/event-calendar.js";
    script.onload = () => done(it.EventCalendar);
    script.onerror = () => failed(new Error(script.src));
    document.head.append(script);
  });
}

/** @param {any} row */
export function states(row) {
  return ["cancelled", "tentative", "secret", "external", "practice"].filter((one) => row[one]);
}

/** @param {any} row @param {Record<string, string>} names */
function event(row, names) {
  return {
    id: row.uid,
    start: wall(row.start_ms),
    end: wall(row.end_ms),
    title: row.title,
    classNames: states(row).map((one) => `is-${one}`),
    editable: !row.cancelled,
    extendedProps: { row, names },
  };
}

/** @param {any} info */
function content(info) {
  const row = info.event.extendedProps.row;
  const line = (/** @type {string} */ tag, /** @type {string} */ text) => Object.assign(document.createElement(tag), { textContent: text });
  const marks = states(row).map((one) => t(`calendar.is.${one}`)).join(", ");
  const button = document.createElement("button");
  button.dataset.uid = row.uid;
  // The library takes the press as its own too: the dialog opened on the key's way down, and the same press closed it.
  button.addEventListener("keydown", (e) => e.stopPropagation());
  button.append(line("b", clock(row.start_ms)), line("span", ` ${row.title}`));
  if (marks) button.append(line("em", ` (${marks})`));
  return { domNodes: [button] };
}

/**
 * What the library tells readers of a screen is not so: tables without rows, articles that are buttons, headings out
 * of order. Without these words they read hours, titles and our buttons.
 * @param {Element} root
 */
function plain(root) {
  for (const one of root.querySelectorAll(".ec[role], .ec [role]:not(button)")) one.removeAttribute("role");
  for (const name of ["aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount"])
    for (const one of root.querySelectorAll(`[${name}]`)) one.removeAttribute(name);
  for (const one of root.querySelectorAll(".ec-event[tabindex]")) one.removeAttribute("tabindex");
  for (const one of root.querySelectorAll("h4:not([aria-level])")) one.setAttribute("aria-level", "2");
}

/** @param {{ turn: number, plans: boolean, choose: (chosen: { row: any, names: Record<string, string> }) => void, make: (ms: number) => void }} props */
export function Grid({ turn, plans, choose, make }) {
  const box = useRef(/** @type {any} */ (null));
  const ec = useRef(/** @type {any} */ (null));
  const span = useRef([0, 0]);
  const drawn = useRef("");
  const last = useLast();
  const [asked, setAsked] = useState(/** @type {any} */ (null));
  const [fault, setFault] = useState("");
  const load = async () => {
    const [from, to] = span.current;
    if (!to) return;
    const found = await last(get(`/calendar?from_ms=${from}&to_ms=${to}`));
    const text = JSON.stringify(found);
    if (text === drawn.current) return;
    drawn.current = text;
    // What is drawn anew takes the focus with it.
    const here = /** @type {HTMLElement} */ (document.activeElement).dataset.uid;
    ec.current?.setOption("events", found.meetings.map((/** @type {any} */ row) => event(row, found.names)));
    if (here) requestAnimationFrame(() => box.current?.querySelector(`[data-uid="${CSS.escape(here)}"]`)?.focus());
  };
  const dropped = (/** @type {any} */ info) =>
    setAsked({ row: info.event.extendedProps.row, start_ms: fromGrid(info.event.start), end_ms: fromGrid(info.event.end), back: info.revert });
  useEffect(() => {
    let gone = false;
    Promise.all([library(), askClock().catch(() => null)]).then(([EventCalendar]) => {
      if (gone) return;
      const phone = matchMedia(PHONE).matches;
      ec.current = EventCalendar.create(box.current, options({ phone, plans, choose, make, dropped, seen: (/** @type {any} */ info) => {
        span.current = [fromGrid(info.start), fromGrid(info.end)];
        load();
      } }));
    });
    const watch = new MutationObserver(() => plain(box.current));
    watch.observe(box.current, { childList: true, subtree: true, attributeFilter: ["role", "tabindex"] });
    return () => { gone = true; watch.disconnect(); if (ec.current) /** @type {any} */ (window).EventCalendar.destroy(ec.current); };
  }, []);
  useEffect(() => void load(), [turn]);
  const answer = async (/** @type {boolean} */ yes) => {
    const it = asked;
    setAsked(null);
    if (!yes) return it.back();
    try {
      await post("/meetings/move", { uid: it.row.uid, start_ms: it.start_ms, end_ms: it.end_ms });
      setFault("");
    } catch (error) {
      it.back();
      setFault(/** @type {Error} */ (error).message);
    }
    load();
  };
  return html`${fault ? html`<p class="bad" role="alert">${fault}</p>` : null}
    <div class="cal-box" ref=${box}></div>
    ${asked ? html`<${Sure} asked=${asked} answer=${answer} />` : null}`;
}

/** @param {any} props */
function options({ phone, plans, choose, make, dropped, seen }) {
  const views = ["dayGridMonth", "timeGridWeek", "timeGridDay", "listWeek"];
  return {
    view: phone ? "listWeek" : "dayGridMonth",
    headerToolbar: { start: "prev,next today", center: "title", end: phone ? "" : views.join(",") },
    buttonText: Object.fromEntries([...views, "today", "prev", "next", "close"].map((one) => [one, t(`calendar.button.${one}`)])),
    locale: lang() === "vi" ? "vi-VN" : "en-GB",
    timeZone: zone(),
    date: dateOf(now()),
    firstDay: 1,
    height: phone ? "auto" : "calc(100vh - 150px)",
    slotMinTime: "06:00",
    slotMaxTime: "22:00",
    slotDuration: "00:30",
    allDaySlot: false,
    dayMaxEvents: true,
    nowIndicator: true,
    moreLinkContent: (/** @type {any} */ info) => t("calendar.page.more", info.num),
    noEventsContent: t("calendar.page.nothing"),
    eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    listDaySideFormat: { day: "2-digit", month: "2-digit", year: "numeric" },
    eventContent: content,
    eventStartEditable: plans,
    eventDurationEditable: plans,
    eventClick: (/** @type {any} */ info) => choose(info.event.extendedProps),
    dateClick: (/** @type {any} */ info) => make(fromGrid(info.date)),
    eventDrop: dropped,
    eventResize: dropped,
    datesSet: seen,
  };
}

/** @param {{ asked: any, answer: (yes: boolean) => void }} props */
function Sure({ asked, answer }) {
  const box = useRef(/** @type {any} */ (null));
  useLayoutEffect(() => box.current.showModal(), []);
  const { row, start_ms, end_ms } = asked;
  return html`<dialog class="cal-dialog small" ref=${box} aria-labelledby="sure" onCancel=${(/** @type {Event} */ e) => { e.preventDefault(); answer(false); }}>
    <h2 id="sure">${t("calendar.page.move", row.title)}</h2>
    <p>${when(row.start_ms)} – ${clock(row.end_ms)}</p><p><strong>→ ${clock(start_ms)} – ${clock(end_ms)} ${day(start_ms)}</strong></p>
    <div class="row"><button class="main" onClick=${() => answer(true)}>${t("calendar.do.move")}</button>
      <button onClick=${() => answer(false)}>${t("calendar.page.leave")}</button></div></dialog>`;
}
