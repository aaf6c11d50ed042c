// Above a practice: what it is, what is to be done, and how long each took.

import { restart, tasks } from "../lib/pretend.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { number, t } from "../lib/words.js";

export function Practice() {
  const [rows, setRows] = useState(tasks);
  useEffect(() => {
    const timer = setInterval(() => setRows(tasks()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const again = () => {
    restart();
    setRows(tasks());
  };
  return html`<section class="card practice" aria-label=${t("page.practice")}><div class="row"><span class="chip warn">${t("page.live.practice")}</span><span>${t("page.practice.about")}</span></div>
    <ul class="plain row">${rows.map(({ task, s }) => html`<li key=${task} class=${`chip ${s === null ? "" : "good"}`}><i>${s === null ? "○" : "✓"}</i> ${t(`page.practice.task.${task}`)}${s === null ? "" : ` · ${t("page.practice.after", number(s))}`}</li>`)}</ul>
    <div class="row"><button onClick=${again}>${t("page.practice.again")}</button><a href="#/rollcall/practice">${t("page.nav.rollcall")}</a><a href="#/session/practice">${t("page.nav.session")}</a><a href="#/session">${t("page.practice.leave")}</a></div></section>`;
}
