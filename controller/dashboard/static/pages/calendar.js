// Lịch họp: the grid, requests (Đăng ký – Duyệt), what is not ready this week, and calendars of others.

import { get } from "../lib/api.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { t } from "../lib/words.js";
import { Ahead } from "./calendar-ahead.js";
import { Exchange } from "./calendar-exchange.js";
import { MeetingForm } from "./calendar-form.js";
import { Grid } from "./calendar-grid.js";
import { MeetingCard } from "./calendar-meeting.js";
import { Requests } from "./calendar-requests.js";

const TABS = ["grid", "requests", "ahead", "exchange"];

/** What was opened from; a meeting of the grid may have been drawn anew meanwhile. @param {any} opener */
const there = (opener) => (opener?.isConnected ? opener : document.querySelector(`[data-uid="${CSS.escape(opener?.dataset.uid ?? "")}"]`));

/** @param {{ args: string[], me: any }} props */
export function Page({ args, me }) {
  const tab = TABS.includes(args[0] ?? "") ? args[0] : "grid";
  const plans = ["admin", "operator"].includes(me.role);
  const asks = plans || me.role === "office";
  const [terms, setTerms] = useState(/** @type {any} */ (null));
  const [open, setOpen] = useState(/** @type {any} */ (null));
  const [turn, setTurn] = useState(0);
  const [waiting, setWaiting] = useState(0);
  const count = () => asks && get("/requests").then((found) => setWaiting(found.requests.filter((/** @type {any} */ one) => one.stage === "asked").length));
  useEffect(() => {
    if (asks) get("/calendar/terms").then(setTerms);
    count();
    const again = () => setTurn((n) => n + 1);
    const ends = [listen("meetings", again), listen("hello", again), listen("requests", count)];
    return () => ends.forEach((end) => end());
  }, []);
  const shown = TABS.filter((one) => one === "grid" || one === "ahead" || (one === "requests" ? asks : plans));
  // Whoever works by keyboard goes on where the first of the dialogs was opened. A dialog tells late that it was closed:
  // another may be open by then, and stays.
  const opener = useRef(/** @type {any} */ (null));
  const latest = useRef(/** @type {any} */ (null));
  latest.current = open;
  const show = (/** @type {any} */ what) => { opener.current ??= document.activeElement; setOpen({ ...what }); };
  const close = () => {
    if (latest.current !== open) return;
    setOpen(null);
    there(opener.current)?.focus();
    opener.current = null;
    setTurn((n) => n + 1);
  };
  return html`
    <div class="row cal-head">
      <h1>${t("page.nav.calendar")}</h1>
      <nav class="tabs" aria-label=${t("calendar.page.views")}>${shown.map((one) => html`
        <a href=${`#/calendar/${one}`} aria-current=${one === tab ? "page" : undefined}>${t(`calendar.tab.${one}`)}${one === "requests" && waiting ? html` <span class="chip warn">${waiting}</span>` : null}</a>`)}</nav>
      ${plans && terms ? html`<button class="main" onClick=${() => show({ form: true })}>${t("calendar.page.new")}</button>` : null}
    </div>
    ${tab === "grid" ? html`<${Grid} turn=${turn} plans=${plans} choose=${show}
        make=${(/** @type {number} */ ms) => terms && plans && show({ form: true, start_ms: ms })} />` : null}
    ${tab === "requests" && terms ? html`<${Requests} me=${me} terms=${terms} />` : null}
    ${tab === "ahead" ? html`<${Ahead} turn=${turn} />` : null}
    ${tab === "exchange" && terms ? html`<${Exchange} terms=${terms} done=${close} />` : null}
    ${open?.row ? html`<${MeetingCard} key=${open} row=${open.row} names=${open.names} plans=${plans} close=${close}
        edit=${(/** @type {any} */ one, /** @type {string} */ scope) => setOpen({ form: true, one, scope })} />` : null}
    ${open?.form && terms ? html`<${MeetingForm} key=${open} terms=${terms} one=${open.one} scope=${open.scope} start_ms=${open.start_ms} close=${close} />` : null}`;
}
